import type { Attach, Attachment, Trouble } from '../replay/hls.ts';
import './data.ts';

export type { Attach, Attachment, Trouble };

/** Gives the element the voice that lies beside the page. Takes the place of `attachHls`. */
export const attachHls =
  (media: HTMLMediaElement): Attach =>
  (_rendition, startAt, report) => {
    const voices = window.tongkeReplay?.voices ?? [];
    const voice = voices.find(({ type }) => media.canPlayType(type) !== '') ?? voices[0];
    const failed = () => report('format');
    media.addEventListener('error', failed);
    media.src = voice?.name ?? '';
    media.currentTime = startAt;
    return Promise.resolve({
      close() {
        media.removeEventListener('error', failed);
        media.removeAttribute('src');
        media.load();
      },
    });
  };
