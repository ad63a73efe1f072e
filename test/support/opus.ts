import { clip } from './clip.ts';

export interface VoiceClip {
  /** Duration of each packet. */
  readonly frameMs: number;
  /** Opus packets (RFC 6716) in order; the last is followed by the first. */
  readonly packets: readonly Buffer[];
}

/** A tone in real Opus packets, mono at 12 kbit/s: what a lesson's voice is on the wire. */
export async function opusVoice({ hz = 440, frameMs = 60, seconds = 6 } = {}): Promise<VoiceClip> {
  const ogg = await clip(`voice-${hz}hz-${frameMs}ms-${seconds}s.ogg`, [
    ...['-f', 'lavfi', '-i', `sine=frequency=${hz}:sample_rate=48000:duration=${seconds}`],
    ...['-ac', '1', '-c:a', 'libopus', '-b:a', '12k', '-application', 'voip'],
    ...['-frame_duration', String(frameMs)],
  ]);
  // The first two packets are the headers OpusHead and OpusTags: RFC 7845 section 3.
  return { frameMs, packets: oggPackets(ogg).slice(2) };
}

/** The packets of an Ogg file with one stream: RFC 3533 section 6. */
export function oggPackets(file: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  let unfinished: Buffer[] = [];
  for (let page = 0; page < file.length; ) {
    if (file.toString('latin1', page, page + 4) !== 'OggS') throw new Error(`no Ogg page at byte ${page}`);
    const segments = file.subarray(page + 27, page + 27 + file.readUInt8(page + 26));
    let at = page + 27 + segments.length;
    for (const length of segments) {
      unfinished.push(file.subarray(at, at + length));
      at += length;
      // A segment of 255 bytes goes on in the next; any shorter one ends its packet.
      if (length === 255) continue;
      packets.push(Buffer.concat(unfinished));
      unfinished = [];
    }
    page = at;
  }
  return packets;
}
