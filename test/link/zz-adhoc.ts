import { chromium } from 'playwright-core';
import { rolldown } from 'rolldown';
import http from 'node:http';
import { once } from 'node:events';
import { startMediaNode } from '../support/media.ts';
import { createLink } from '../support/link/link.ts';
import { LINKS } from '../support/link/options.ts';
import { mediaThroughLink } from '../support/link/browser.ts';
const protocols: any = process.argv[2] ? [process.argv[2]] : undefined;
const bundle = await rolldown({ input: '/tmp/lkchrome/entry.js', platform: 'browser' });
const { output } = await bundle.generate({ format: 'iife' });
const code = output[0].code;
const media = await startMediaNode({ listenIp: '0.0.0.0' });
const { router, rtpCapabilities } = await media.createRouter();
const server = http.createServer((q, r) => { r.setHeader('content-type', 'text/html'); r.end('<title>x</title><script>' + code.replaceAll('</script', '<\\/script') + '</script>'); });
server.listen(0, '127.0.0.1'); await once(server, 'listening');
const link = createLink(LINKS[(process.argv[3] ?? 'A') as 'A']);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: '--no-sandbox --disable-gpu --disable-quic --no-first-run --autoplay-policy=no-user-gesture-required --use-fake-ui-for-media-stream --use-fake-device-for-media-stream'.split(' ') });
try {
  const context = await browser.newContext();
  await mediaThroughLink(context, link, protocols);
  for (const [n, f] of Object.entries({
    open: () => media.createTransport(router, {}),
    connect: (id: string, d: any) => media.connectTransport(id, d),
    produce: (id: string, p: any) => media.produce(id, 'audio', p),
    consume: (id: string, p: string, c: any) => media.consume(id, p, c),
    resume: (c: string) => media.resumeConsumer(c),
  })) await context.exposeFunction('sig_' + n, f as any);
  const page = await context.newPage();
  page.on('console', (m) => console.log('page:', m.text()));
  const { host, port } = await link.relayTcp({ target: { host: '127.0.0.1', port: (server.address() as any).port } });
  const t0 = performance.now();
  await page.goto(`http://${host}:${port}/`, {timeout: 120000});
  console.log('page loaded', Math.round(performance.now() - t0), 'ms', code.length, 'B');
  const result = await page.evaluate(async (caps: any) => {
    const w = window as any;
    const device = new w.Device(); await device.load({ routerRtpCapabilities: caps });
    const send = device.createSendTransport(await w.sig_open());
    const recv = device.createRecvTransport(await w.sig_open());
    for (const t of [send, recv]) { t.on('connect', ({ dtlsParameters }: any, cb: any, eb: any) => w.sig_connect(t.id, dtlsParameters).then(cb, eb)); t.on('connectionstatechange', (s: string) => console.log(t.direction, s)); }
    send.on('produce', ({ rtpParameters }: any, cb: any, eb: any) => w.sig_produce(send.id, rtpParameters).then((id: string) => cb({ id }), eb));
    const ms = await navigator.mediaDevices.getUserMedia({ audio: true });
    const producer = await send.produce({ track: ms.getAudioTracks()[0] });
    const consumer = await recv.consume(await w.sig_consume(recv.id, producer.id, device.recvRtpCapabilities ?? device.rtpCapabilities));
    await w.sig_resume(consumer.id);
    const el = new Audio(); el.srcObject = new MediaStream([consumer.track]); await el.play();
    await new Promise((r) => setTimeout(r, 6000));
    const out: any = {};
    for (const s of (await consumer.getStats()).values()) {
      if (s.type === 'inbound-rtp') out.inbound = { packets: s.packetsReceived, lost: s.packetsLost, bytes: s.bytesReceived };
      if (s.type === 'candidate-pair' && s.nominated) out.rtt = s.currentRoundTripTime;
      if (s.type === 'remote-candidate') out.remote = `${s.protocol} ${s.address}:${s.port}`;
    }
    return out;
  }, rtpCapabilities as any);
  console.log(result);
  console.log(JSON.stringify(link.stats(), null, 1));
} finally { await browser.close(); await link.close(); server.close(); server.closeAllConnections(); await media.close(); }
