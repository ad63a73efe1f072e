import type { VoicePacket } from '../protocol/media.ts';

/** As much as a far link's listener is behind anyway, for two round trips of a satellite (client/lesson/playout.ts). */
const KEPT_MS = 1_300;

/** The last moments of one voice, for who begins to listen now: they have something to play while the next is on its way. */
export class RecentVoice {
  readonly #listeners = new Set<(packet: VoicePacket) => void>();
  #packets: { readonly packet: VoicePacket; readonly at: number }[] = [];

  push(packet: VoicePacket, now = performance.now()): void {
    this.#packets.push({ packet, at: now });
    while ((this.#packets[0]?.at ?? now) < now - KEPT_MS) this.#packets.shift();
    for (const heard of this.#listeners) heard({ ...packet, ageMs: 0 });
  }

  /** Those of the last moments in the order in which they were said, then each as it comes. */
  listen(heard: (packet: VoicePacket) => void, now = performance.now()): () => void {
    const recent = this.#packets.filter(({ at }) => at >= now - KEPT_MS);
    const first = recent[0]?.packet.timestamp ?? 0;
    const since = ({ timestamp }: VoicePacket) => (timestamp - first) | 0; // RTP's clock turns over at 2^32
    for (const { packet, at } of recent.toSorted((a, b) => since(a.packet) - since(b.packet)))
      heard({ ...packet, ageMs: Math.round(now - at) });
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }
}
