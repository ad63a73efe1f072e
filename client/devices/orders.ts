import type { Command, InputChoice } from '../../protocol/device-commands.ts';
import type { Level } from '../../protocol/devices.ts';
import { listDevices, rememberDevices } from '../lesson/devices.ts';
import type { Done } from './agent.ts';
import { soundTone } from './check/sound.ts';
import { journal, note } from './journal.ts';
import { pictureOfPage } from './screenshot.ts';

/** What a command finds on the page it reaches. */
export interface OrderSurroundings {
  readonly inLesson: boolean;
  /** 0..1 */
  readonly volume: number;
  /** Shows the screen's number. */
  readonly identify: () => void;
  /** Checks the room; gives its worst. */
  readonly check: () => Promise<Level>;
  /** Other devices were chosen: what is open is opened anew. */
  readonly inputsChosen: () => void;
  /** Says on the screen that a picture of it was taken: nobody is looked at unawares. */
  readonly pictureTaken: () => void;
}

/** Carries out what a technician asked for from afar. Rejects with what went wrong. */
export async function obeyOrder(
  { kind, choice = {} }: Command,
  surroundings: OrderSurroundings,
): Promise<Done> {
  note(`asked from afar: ${kind}`);
  switch (kind) {
    case 'identify':
      surroundings.identify();
      return {};
    case 'reload':
      location.reload();
      return {};
    case 'tone':
      await soundTone(surroundings.volume);
      return {};
    case 'check':
      return { detail: await surroundings.check() };
    case 'choose':
      await choose(choice);
      surroundings.inputsChosen();
      return {};
    case 'screenshot': {
      const result = await pictureOfPage(surroundings.inLesson);
      surroundings.pictureTaken();
      return { result };
    }
    case 'logs':
      return { result: { type: 'text/plain', data: newest(journal()) } };
  }
}

/** As much as a result may hold; the newest is what is wanted. */
const MOST = 60_000;

function newest(text: string): string {
  return text.length > MOST ? text.slice(text.indexOf('\n', text.length - MOST) + 1) : text;
}

async function choose({ camera, microphone }: InputChoice): Promise<void> {
  const { cameras, microphones } = await listDevices();
  const missing = (id: string | null | undefined, among: readonly { readonly id: string }[]) =>
    typeof id === 'string' && !among.some((one) => one.id === id);
  if (missing(camera, cameras)) throw new Error('camera_missing');
  if (missing(microphone, microphones)) throw new Error('microphone_missing');
  // null forgets a choice, undefined leaves it as it is.
  rememberDevices({
    ...(camera !== undefined && { camera: camera ?? undefined }),
    ...(microphone !== undefined && { microphone: microphone ?? undefined }),
  });
}
