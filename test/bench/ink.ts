import type { Bench, BenchOptions, Result } from './bench.ts';
import { round } from './bench.ts';
import { measurePayload } from './ink/payload.ts';
import { measureJsonRelay, measureYWebsocket } from './ink/rivals.ts';
import { firstSeconds, loadTrace } from './ink/trace.ts';
import { measureViewers } from './ink/viewers.ts';
import { measureWire } from './ink/wire.ts';
import { startBenchServer } from './support/server.ts';

export const bench: Bench = {
  about: 'bytes and delays of handwriting, against y-websocket and a relay of JSON points',
  async run({ trace, seconds }: BenchOptions, report: (result: Result) => void): Promise<void> {
    const strokes = loadTrace(trace);
    measurePayload(strokes, report);
    const live = firstSeconds(strokes, seconds);

    const server = await startBenchServer();
    const wire = await measureWire(server, live);
    const json = await measureJsonRelay(server, live);
    const yjs = await measureYWebsocket(server, live, 'points');
    const yjsBatched = await measureYWebsocket(server, live, 'batches');
    await server.close();
    report({
      ...{ name: 'wire_bytes_per_point', value: round(wire.down), unit: 'B', better: 'less', goal: 10 },
      against: {
        y_websocket: round(yjs.down),
        y_websocket_in_batches: round(yjsBatched.down),
        json_relay: round(json.down),
        from_writer: round(wire.up),
        back_to_writer: round(wire.back),
        segments: wire.segments,
        points: wire.points,
      },
    });
    report({
      ...{ name: 'far_screen_p95_ms', value: round(wire.p95), unit: 'ms', better: 'less', goal: 200 },
      against: {
        p50: round(wire.p50),
        json_relay: round(json.p95),
        y_websocket: round(yjs.p95),
        link_delay: 0,
      },
    });
    const viewers = await measureViewers(live);
    report({
      ...{ name: 'viewers_1000_p99_ms', value: round(viewers.p99), unit: 'ms', better: 'less', goal: 100 },
      against: {
        p50: round(viewers.p50),
        server_cpu_percent: round(viewers.cpuPercent),
        cpu_us_per_delivery: round(viewers.cpuUsPerDelivery),
        deliveries: viewers.deliveries,
        pinned: viewers.pinned,
      },
    });
  },
};
