import { LateSound, type ToSound } from './sound.ts';

/** What an audio worklet's scope has (Web Audio API, 1.32); the DOM's types leave it out. */
declare const sampleRate: number;
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class LateSoundProcessor extends AudioWorkletProcessor {
  readonly #sound = new LateSound(sampleRate, (message) => this.port.postMessage(message));

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToSound>) => this.#sound.take(data);
  }

  process(inputs: readonly Float32Array[][], outputs: readonly Float32Array[][]): boolean {
    const output = outputs[0]?.[0];
    if (output) this.#sound.process(inputs[0]?.[0], output);
    return !this.#sound.ended;
  }
}

registerProcessor('late-sound', LateSoundProcessor);
