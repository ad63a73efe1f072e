import { OggOpusWriter } from './ogg.ts';
import { concealment, OPUS_QUANTUM, OPUS_RATE, opusSamples, silence } from './opus.ts';
import type { Stretch } from './timeline.ts';
import type { TrackFrame } from './track-format.ts';
import { readFrames } from './track-reader.ts';

/**
 * A pause of the sender (DTX) is 400 ms between two frames at most; the decoder fills it with the noise it has
 * learnt. Longer is silence.
 */
const CONCEAL_MS = 440;
/** Frames that follow each other stay together until the clock says otherwise by this much: 40 ms is not heard. */
const DRIFT_MS = 40;

const PER_MS = OPUS_RATE / 1000;

/**
 * Lays voices that don't overlap onto the lesson's clock as one unbroken Opus stream: sample 0 is `from`, and every
 * stretch without a frame is filled with packets of silence. So no timestamp has to be believed later on, and the
 * sound at lesson time t is at t - from to the sample.
 */
export async function writeLane(
  path: string,
  tracks: readonly string[],
  { from, to }: Stretch,
): Promise<void> {
  const ogg = await OggOpusWriter.create(path);
  try {
    const lane = new Lane(ogg, { from, to });
    for (const track of tracks) {
      lane.startTrack();
      for await (const frame of readFrames(track)) {
        if (!frame.end) await lane.place(frame);
      }
    }
    await lane.finish();
  } catch (error) {
    await ogg.abandon();
    throw error;
  }
  await ogg.close();
}

class Lane {
  readonly #ogg: OggOpusWriter;
  readonly #from: number;
  readonly #length: number;
  #expected: number | undefined;
  #last: Buffer | undefined;

  constructor(ogg: OggOpusWriter, { from, to }: Stretch) {
    this.#ogg = ogg;
    this.#from = from;
    this.#length = Math.ceil((to - from) * PER_MS);
  }

  /** The decoder goes on from one track to the next; concealment must not. */
  startTrack(): void {
    this.#expected = undefined;
    this.#last = undefined;
  }

  async place(frame: TrackFrame): Promise<void> {
    const samples = opusSamples(frame.payload);
    const wanted = Math.round((frame.time - this.#from) * PER_MS);
    if (samples === 0 || wanted < 0 || wanted >= this.#length) return;
    const follows = frame.timestamp === this.#expected;
    const late = this.#ogg.samples - wanted;
    this.#expected = frame.timestamp + samples;
    if (late > DRIFT_MS * PER_MS) return; // said over what is there already: the lane has run ahead of the clock
    if (!follows || late < -DRIFT_MS * PER_MS) await this.#fill(-late);
    await this.#ogg.write(frame.payload);
    this.#last = frame.payload;
  }

  async finish(): Promise<void> {
    this.#last = undefined;
    await this.#fill(this.#length - this.#ogg.samples + OPUS_QUANTUM);
  }

  async #fill(samples: number): Promise<void> {
    const until = this.#ogg.samples + samples;
    if (this.#last && samples <= CONCEAL_MS * PER_MS) {
      for (const packet of concealment(this.#last, samples)) await this.#ogg.write(packet);
    }
    for (const packet of silence(until - this.#ogg.samples)) await this.#ogg.write(packet);
  }
}
