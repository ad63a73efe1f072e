import assert from 'node:assert/strict';
import type { MediaNode } from '../../media/node.ts';
import type { MediaKind, Opaque } from '../../protocol/media.ts';
import { startMediaNode } from '../support/media.ts';
import { RECEIVE_CAPABILITIES, signalDirectly, WebRtcClient } from '../support/webrtc.ts';

const OPUS = { mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 };

const PRODUCE: Record<string, [MediaKind, Opaque]> = {
  'nothing at all': ['audio', {}],
  'no codec': ['audio', { codecs: [], encodings: [{ ssrc: 1 }] }],
  'a codec that the router does not speak': [
    'audio',
    { codecs: [{ ...OPUS, mimeType: 'audio/none' }], encodings: [{ ssrc: 1 }] },
  ],
  'a picture declared as a voice': [
    'audio',
    { codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }], encodings: [{ ssrc: 1 }] },
  ],
  // Thrown by mediasoup in the middle of writing, this one would end every lesson on the worker.
  'a bit rate that is not whole': ['audio', { codecs: [OPUS], encodings: [{ ssrc: 1, maxBitrate: 1.5 }] }],
  'an SSRC beyond 32 bits': ['audio', { codecs: [OPUS], encodings: [{ ssrc: 2 ** 40 }] }],
  'a payload type beyond 7 bits': [
    'audio',
    { codecs: [{ ...OPUS, payloadType: 300 }], encodings: [{ ssrc: 1 }] },
  ],
  'a thousand encodings': [
    'audio',
    { codecs: [OPUS], encodings: Array.from({ length: 1000 }, (_, i) => ({ ssrc: i + 1 })) },
  ],
  'an unknown header extension': [
    'audio',
    { codecs: [OPUS], headerExtensions: [{ uri: 'urn:x', id: 1 }], encodings: [{ ssrc: 1 }] },
  ],
  'format parameters that are objects': [
    'audio',
    { codecs: [{ ...OPUS, parameters: { apt: {} } }], encodings: [{ ssrc: 1 }] },
  ],
  'no SSRC, MID or RID': ['audio', { codecs: [OPUS], encodings: [{}] }],
  'ninety-nine spatial layers': [
    'video',
    {
      codecs: [
        { mimeType: 'video/VP9', payloadType: 98, clockRate: 90_000, parameters: { 'profile-id': 0 } },
      ],
      encodings: [{ ssrc: 1, scalabilityMode: 'L99T99' }],
    },
  ],
};

const FINGERPRINT = Array.from({ length: 32 }, () => 'AB').join(':');

const DTLS: Record<string, Opaque> = {
  'nothing at all': {},
  'no fingerprint': { role: 'client', fingerprints: [] },
  'an unknown digest': { role: 'client', fingerprints: [{ algorithm: 'md5', value: FINGERPRINT }] },
  'a fingerprint that is none': { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: 'x' }] },
  'an unknown role': { role: 'boss', fingerprints: [{ algorithm: 'sha-256', value: FINGERPRINT }] },
};

const RECEIVE: Record<string, Opaque> = {
  'nothing at all': {},
  'no codec': { codecs: [] },
  'codecs that are none': { codecs: [null, 7] },
  'only codecs that the stream has not': {
    codecs: [{ kind: 'audio', mimeType: 'audio/PCMU', preferredPayloadType: 0, clockRate: 8000 }],
  },
};

describe('hostile media parameters', () => {
  let media: MediaNode;
  let router: string;
  let teacher: WebRtcClient;
  let room: WebRtcClient;
  let transport: string;
  let stream: string;

  before(async () => {
    media = await startMediaNode();
    ({ router } = await media.createRouter());
    teacher = new WebRtcClient(signalDirectly(media, router));
    room = new WebRtcClient(signalDirectly(media, router));
    stream = await teacher.sendVoice();
    transport = (await media.createTransport(router, {})).id;
  });
  after(async () => {
    await Promise.all([teacher.close(), room.close()]);
    await media.close();
  });

  /** Refused by code, and nobody else on the worker notices. */
  async function refused(call: Promise<unknown>): Promise<void> {
    const known = media.size;
    await assert.rejects(call, { name: 'TongkeError', code: 'bad_request' });
    assert.equal(media.size, known);
    const other = await media.createRouter();
    await media.createTransport(other.router, {});
    await media.closeRouter(other.router);
  }

  for (const [what, [kind, parameters]] of Object.entries(PRODUCE)) {
    it(`does not produce from ${what}`, () => refused(media.produce(transport, kind, parameters)));
  }
  for (const [what, parameters] of Object.entries(DTLS)) {
    it(`does not connect with ${what}`, () => refused(media.connectTransport(transport, parameters)));
  }
  for (const [what, capabilities] of Object.entries(RECEIVE)) {
    it(`does not consume with ${what}`, () => refused(media.consume(transport, stream, capabilities)));
  }

  it('does not connect a transport twice', async () => {
    const { id } = await teacher.transport('send');
    const again = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: FINGERPRINT }] };
    await refused(media.connectTransport(id, again));
  });

  it('does not produce two streams with one SSRC', async () => {
    const parameters = { codecs: [OPUS], encodings: [{ ssrc: 4711 }] };
    await media.produce(transport, 'audio', parameters);
    await refused(media.produce(transport, 'audio', parameters));
  });

  it('goes on for everyone else', async () => {
    await (await room.receive(stream)).next(3);
    await media.consume(transport, stream, RECEIVE_CAPABILITIES);
  });
});
