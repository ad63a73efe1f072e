import type { Depacketizer, DepacketizerInput, EncodedFrame } from './depacketizer.ts';

/** RFC 6184: single NAL units, STAP-A and FU-A, which is all that packetisation mode 1 may hold. */
const STAP_A = 24;
const FU_A = 28;
/** NAL unit type of a picture that refers to none. */
const IDR = 5;
const START_CODE = Buffer.from([0, 0, 0, 1]);

export class H264Depacketizer implements Depacketizer {
  #units: Buffer[] = [];
  #fragments: Buffer[] = [];
  #timestamp = 0;
  #broken = false;
  #needsKeyFrame = true;

  get needsKeyFrame(): boolean {
    return this.#needsKeyFrame;
  }

  push({ timestamp, marker, payload }: DepacketizerInput, lost: boolean): EncodedFrame | null {
    if (lost) this.#drop();
    if (payload.length === 0) return null;
    if (timestamp !== this.#timestamp) {
      this.#units = [];
      this.#fragments = [];
      this.#timestamp = timestamp;
      this.#broken = lost; // the lost packets may have been this picture's first
    }
    if (!this.#take(payload)) this.#drop();
    return marker ? this.#finish() : null;
  }

  #take(payload: Buffer): boolean {
    const type = (payload[0] ?? 0) & 0x1f;
    if (type > 0 && type < STAP_A) {
      this.#units.push(Buffer.from(payload));
      return true;
    }
    if (type === STAP_A) return this.#takeAggregate(payload);
    return type === FU_A && this.#takeFragment(payload);
  }

  #takeAggregate(payload: Buffer): boolean {
    for (let at = 1; at < payload.length; ) {
      if (at + 2 > payload.length) return false;
      const end = at + 2 + payload.readUInt16BE(at);
      if (end > payload.length || end === at + 2) return false;
      this.#units.push(Buffer.from(payload.subarray(at + 2, end)));
      at = end;
    }
    return true;
  }

  #takeFragment(payload: Buffer): boolean {
    const [indicator, header] = payload;
    if (indicator === undefined || header === undefined) return false;
    if (header & 0x80) this.#fragments = [Buffer.from([(indicator & 0xe0) | (header & 0x1f)])];
    else if (this.#fragments.length === 0) return false;
    this.#fragments.push(Buffer.from(payload.subarray(2)));
    if (header & 0x40) {
      this.#units.push(Buffer.concat(this.#fragments));
      this.#fragments = [];
    }
    return true;
  }

  #finish(): EncodedFrame | null {
    const units = this.#units;
    this.#units = [];
    const whole = !this.#broken && this.#fragments.length === 0 && units.length > 0;
    this.#broken = false;
    if (!whole) {
      this.#needsKeyFrame = true;
      return null;
    }
    const keyFrame = units.some((unit) => ((unit[0] ?? 0) & 0x1f) === IDR);
    if (keyFrame) this.#needsKeyFrame = false;
    if (this.#needsKeyFrame) return null;
    const payload = Buffer.concat(units.flatMap((unit) => [START_CODE, unit]));
    return { timestamp: this.#timestamp, keyFrame, payload };
  }

  #drop(): void {
    this.#units = [];
    this.#fragments = [];
    this.#broken = true;
    this.#needsKeyFrame = true;
  }
}
