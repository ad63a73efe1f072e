import { ConnectionLost, isGone } from './answer.ts';
import type { Audience } from './audience.ts';
import type { MediaPath } from './media-path.ts';

/** A microphone that is to be sent. */
interface Voice {
  readonly track: MediaStreamTrack;
  readonly held: boolean;
  readonly begun: boolean;
}

/** One's voice as good as the links of its listeners allow, and once more for those whose carry little else. */
export async function sendVoices(
  path: MediaPath,
  mic: Voice | undefined,
  audience: Audience,
  report: (error: unknown) => void,
): Promise<void> {
  try {
    await path.setVoice(audience.isGood);
    const thin = path.producer('thin');
    if (!mic?.begun) return await path.stop('thin', true);
    if (!thin && audience.needsThin) await path.produce('thin', mic.track, 'speech');
    else if (thin && thin.track !== mic.track) await thin.replaceTrack({ track: mic.track });
    if ((path.producer('thin')?.paused ?? mic.held) !== mic.held) await path.hold('thin', mic.held);
  } catch (error) {
    if (error instanceof ConnectionLost) throw error;
    // The voice itself is on its way: nobody is without it for want of a better or a thinner one.
    if (!isGone(error)) report(error);
  }
}
