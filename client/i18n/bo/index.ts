import type { Catalogue } from '../catalogue.ts';
import { common } from './common.ts';
import { entry } from './entry.ts';
import { error } from './error.ts';
import { lesson } from './lesson.ts';
import { teach } from './teach.ts';
import { watch } from './watch.ts';

const catalogue: Catalogue = { ...common, ...entry, ...lesson, teach, watch, error };
export default catalogue;
