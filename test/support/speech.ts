import { join } from 'node:path';
import { clip, FOLDER } from './clip.ts';

const WORDS = [
  'Good morning everyone. Today we compare fractions. Look at the bar on the board: it has eight equal parts.',
  'Three of them are red. Who can tell me which is larger, three eighths or one half? Raise your hands, please.',
  'Think of a cake that is cut into four pieces, and of another that is cut into eight pieces.',
].join(' ');

/**
 * The path of a WAV file (16 bit, 48 kHz) with half a minute of speech, for Chromium's `--use-file-for-fake-audio-capture`.
 * Speech has the pauses in which discontinuous transmission sends nothing; a tone would not.
 */
export async function speechFile(): Promise<string> {
  const name = 'speech.wav';
  const encode = ['-ac', '1', '-ar', '48000', '-c:a', 'pcm_s16le'];
  try {
    await clip(name, ['-f', 'lavfi', '-i', `flite=text='${WORDS}':voice=slt`, ...encode]);
  } catch {
    // An ffmpeg without a synthesiser: vowels in syllables, between pauses.
    const syllables = 'max(0,sin(2*PI*3.3*t))*gt(mod(t,4),0.6)';
    const pitch = '2*PI*(150+25*sin(2*PI*0.7*t))*t';
    const vowel = `0.4*sin(${pitch})+0.3*sin(2*PI*700*t+3*sin(${pitch}))+0.1*sin(2*PI*2300*t+2*sin(${pitch}))`;
    await clip(name, ['-f', 'lavfi', '-i', `aevalsrc='${syllables}*(${vowel})':d=24`, ...encode]);
  }
  return join(FOLDER, name);
}
