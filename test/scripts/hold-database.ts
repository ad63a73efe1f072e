// A server in miniature, to be killed by a test: opens the data folder that it is given and tells the address.
import { startEmbeddedDatabase } from '../../server/database/embedded.ts';

const [directory = ''] = process.argv.slice(2);
const { uri } = await startEmbeddedDatabase({ directory });
process.send?.(uri);
