import assert from 'node:assert/strict';
import { routes } from '../../protocol/api.ts';
import { FINISHED_LESSON } from '../../server/demo/demo.ts';
import { eventually } from '../support/eventually.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';
import { archiveTests } from './replay/archive.ts';
import { courierTests } from './replay/courier.ts';
import { deletionTests } from './replay/deletion.ts';
import { replayTests } from './replay/http.ts';
import { layPage } from './replay/lay-page.ts';

/** One server, and one replay, for all that becomes of it: making them takes longer than most of what is tested. */
describe('the demo’s replay', function () {
  this.timeout(240_000);
  let server: HttpServer;
  const lent = () => server;

  before(async () => {
    server = await startHttpServer({}, { begun: 'made' });
    const path = `/api/v1/lessons/${FINISHED_LESSON}/replay`;
    const cookie = await server.as('student1');
    assert.equal((await server.send(path, { cookie })).code, 'replay_not_ready');
    await server.makeDemoReplay();
    await layPage(server.directory);
    await eventually(
      async () => {
        const { data } = await server.send(path, { cookie });
        const { state } = routes['replay.show'].output.parse(data);
        return state.picture === 'ready' && state.voice === 'ready';
      },
      'voice and picture',
      200_000,
    );
  });
  after(() => server?.close());

  describe('over HTTP', () => replayTests(lent));
  describe('in a package', () => courierTests(lent));
  describe('in an archive', () => archiveTests(lent));
  // Last: then it is gone.
  describe('deleted', () => deletionTests(lent));
});
