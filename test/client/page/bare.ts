import { Device, type types } from 'mediasoup-client';

/** mediasoup's client as its documentation begins with it: what a lesson is compared with. */
const request = (name: string, input: object) => window.bareRequest(name, input);

async function transport(direction: 'send' | 'receive'): Promise<[types.Device, types.Transport]> {
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities: await request('capabilities', {}) });
  const options = await request('open', {});
  const made =
    direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
  made.on('connect', ({ dtlsParameters }, done, fail) => {
    request('connect', { transport: made.id, dtlsParameters }).then(() => done(), fail);
  });
  made.on('produce', ({ kind, rtpParameters }, done, fail) => {
    request('produce', { transport: made.id, kind, rtpParameters }).then((id: string) => done({ id }), fail);
  });
  return [device, made];
}

const barePage = {
  async send(): Promise<string[]> {
    const [, sender] = await transport('send');
    const media = await navigator.mediaDevices.getUserMedia({
      audio: true,
      video: { width: { ideal: 640 }, height: { ideal: 360 } },
    });
    const [voice] = media.getAudioTracks();
    const [picture] = media.getVideoTracks();
    const encodings = [100_000, 300_000, 900_000].map((maxBitrate, i) => ({
      maxBitrate,
      scaleResolutionDownBy: 4 / 2 ** i,
    }));
    const mic = await sender.produce({ track: voice });
    const camera = await sender.produce({ track: picture, encodings });
    return [mic.id, camera.id];
  },
  async receive(producers: string[]): Promise<void> {
    const [device, receiver] = await transport('receive');
    for (const producerId of producers) {
      const options = await request('consume', {
        ...{ transport: receiver.id, producerId, paused: true },
        rtpCapabilities: device.recvRtpCapabilities,
      });
      const consumer = await receiver.consume(options);
      await request('resume', { consumer: consumer.id });
    }
  },
};

declare global {
  interface Window {
    barePage: typeof barePage;
    // biome-ignore lint/suspicious/noExplicitAny: whatever mediasoup's ends say to each other
    bareRequest: (name: string, input: object) => Promise<any>;
  }
}
window.barePage = barePage;
