import type { types } from 'mediasoup-client';
import { TongkeError } from '../../protocol/errors.ts';
import type { ConsumerOptions, FeedOptions, Opaque, TransportOptions } from '../../protocol/media.ts';

/**
 * From the protocol's untyped WebRTC objects to the library's types. Each is looked at just so far that a wrong one
 * is refused here and not deep inside the library, which checks the rest itself.
 */

const isRtpCapabilities = (value: Opaque): value is Opaque & types.RtpCapabilities =>
  Array.isArray(value.codecs);

const isRtpParameters = (value: Opaque): value is Opaque & types.RtpParameters => Array.isArray(value.codecs);

const isIceParameters = (value: Opaque): value is Opaque & types.IceParameters =>
  typeof value.usernameFragment === 'string' && typeof value.password === 'string';

const isIceCandidate = (value: Opaque): value is Opaque & types.IceCandidate =>
  typeof value.ip === 'string' && typeof value.port === 'number';

const isDtlsParameters = (value: Opaque): value is Opaque & types.DtlsParameters =>
  Array.isArray(value.fingerprints);

const isSctpParameters = (value: Opaque): value is Opaque & types.SctpParameters =>
  typeof value.port === 'number';

const isSctpStream = (value: Opaque): value is Opaque & types.SctpStreamParameters =>
  typeof value.streamId === 'number';

function checked<T extends Opaque>(value: Opaque, is: (value: Opaque) => value is T): T {
  if (is(value)) return value;
  throw new TongkeError('media_unavailable', 'the media server sent something that is not WebRTC');
}

export const rtpCapabilities = (value: Opaque) => checked(value, isRtpCapabilities);

export const iceParameters = (value: Opaque) => checked(value, isIceParameters);

export function transportOptions(options: TransportOptions): types.TransportOptions {
  return {
    id: options.id,
    iceParameters: checked(options.iceParameters, isIceParameters),
    iceCandidates: options.iceCandidates.map((candidate) => checked(candidate, isIceCandidate)),
    dtlsParameters: checked(options.dtlsParameters, isDtlsParameters),
    ...(options.sctpParameters && { sctpParameters: checked(options.sctpParameters, isSctpParameters) }),
  };
}

export function consumerOptions(options: ConsumerOptions): types.ConsumerOptions {
  return { ...options, rtpParameters: checked(options.rtpParameters, isRtpParameters) };
}

export function feedOptions(options: FeedOptions): types.DataConsumerOptions {
  return { ...options, sctpStreamParameters: checked(options.sctpStreamParameters, isSctpStream) };
}
