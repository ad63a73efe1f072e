import type { RtpHeaderExtensionUri } from 'mediasoup/types';
import { z } from 'zod';
import { TongkeError } from '../protocol/errors.ts';
import type { MediaKind, Opaque } from '../protocol/media.ts';

/**
 * Parameters from clients, checked to the last field before mediasoup sees them. mediasoup writes a request into a
 * buffer that all users of a worker share, and a value it cannot write (a bit rate of 1.5) leaves that buffer
 * half written: every later request on the worker fails, that is, every lesson on it. Unknown fields are dropped.
 */
const Uint8 = z.int().min(0).max(0xff);
const Uint32 = z.int().min(0).max(0xffff_ffff);
const Ssrc = z.int().min(1).max(0xffff_ffff);
const PayloadType = z.int().min(0).max(127);

const MimeType = z.string().regex(/^(audio|video)\/[A-Za-z0-9.+-]{1,32}$/i);

const FormatParameters = z
  .record(
    z.string().max(64),
    z.union([
      z.string().max(1024),
      z
        .number()
        .min(-(2 ** 31))
        .max(2 ** 31 - 1),
    ]),
  )
  .refine((parameters) => Object.keys(parameters).length <= 32, 'too many format parameters');

const RtcpFeedback = z.object({ type: z.string().min(1).max(32), parameter: z.string().max(32).optional() });

const HEADER_EXTENSIONS: readonly string[] = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
  'urn:3gpp:video-orientation',
  'urn:ietf:params:rtp-hdrext:toffset',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
  'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
] satisfies RtpHeaderExtensionUri[];

const HeaderExtensionUri = z.custom<RtpHeaderExtensionUri>(
  (uri) => typeof uri === 'string' && HEADER_EXTENSIONS.includes(uri),
  'unknown RTP header extension',
);

const Encoding = z.object({
  ssrc: Ssrc.optional(),
  rid: z
    .string()
    .regex(/^[A-Za-z0-9]{1,32}$/)
    .optional(),
  codecPayloadType: PayloadType.optional(),
  rtx: z.object({ ssrc: Ssrc }).optional(),
  dtx: z.boolean().optional(),
  // https://www.w3.org/TR/webrtc-svc/#scalabilitymodes*
  scalabilityMode: z
    .string()
    .regex(/^[LS][1-3]T[1-3]h?(_KEY(_SHIFT)?)?$/)
    .optional(),
  maxBitrate: Uint32.optional(),
});

const RtpParameters = z.object({
  mid: z.string().min(1).max(32).optional(),
  codecs: z
    .array(
      z.object({
        mimeType: MimeType,
        payloadType: PayloadType,
        clockRate: Uint32,
        channels: Uint8.optional(),
        parameters: FormatParameters.optional(),
        rtcpFeedback: z.array(RtcpFeedback).max(16).optional(),
      }),
    )
    .min(1)
    .max(8),
  headerExtensions: z
    .array(
      z.object({
        uri: HeaderExtensionUri,
        id: z.int().min(1).max(255),
        encrypt: z.boolean().optional(),
        parameters: FormatParameters.optional(),
      }),
    )
    .max(16)
    .optional(),
  /** Three simulcast layers are the most that any browser sends; one to spare. */
  encodings: z.array(Encoding).max(4).optional(),
  rtcp: z.object({ cname: z.string().max(256).optional(), reducedSize: z.boolean().optional() }).optional(),
  msid: z.string().max(512).optional(),
});

const RtpCapabilities = z.object({
  codecs: z
    .array(
      z.object({
        kind: z.enum(['audio', 'video']),
        mimeType: MimeType,
        preferredPayloadType: PayloadType,
        clockRate: Uint32,
        channels: Uint8.optional(),
        parameters: FormatParameters.optional(),
        rtcpFeedback: z.array(RtcpFeedback).max(16).optional(),
      }),
    )
    .max(64),
  headerExtensions: z
    .array(
      z.object({
        kind: z.enum(['audio', 'video']),
        uri: HeaderExtensionUri,
        preferredId: z.int().min(1).max(255),
        preferredEncrypt: z.boolean().optional(),
        direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
      }),
    )
    .max(64)
    .default([]),
});

const DtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z.string().regex(/^[0-9A-F]{2}(:[0-9A-F]{2}){19,63}$/i),
      }),
    )
    .min(1)
    .max(8),
});

export function parseDtlsParameters(value: Opaque): z.infer<typeof DtlsParameters> {
  return parse(DtlsParameters, value);
}

export function parseRtpCapabilities(value: Opaque): z.infer<typeof RtpCapabilities> {
  return parse(RtpCapabilities, value);
}

/** Refuses codecs of another kind too: a picture declared as a voice would be heard by none and metered by us. */
export function parseRtpParameters(kind: MediaKind, value: Opaque): z.infer<typeof RtpParameters> {
  const parameters = parse(RtpParameters, value);
  if (parameters.codecs.every(({ mimeType }) => mimeType.toLowerCase().startsWith(`${kind}/`)))
    return parameters;
  throw new TongkeError('bad_request', `codecs other than ${kind}`);
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TongkeError('bad_request', z.prettifyError(parsed.error), { cause: parsed.error });
}
