import { type Browser, chromium } from 'playwright-core';

/**
 * What no browser here is to do (it takes the place of Playwright's own list): load two pages behind the address bar of
 * every window, which are half of what a window costs; go to HTTPS by itself; refuse the sockets of a page that a test has put in
 * place of a file, since that comes from no network.
 */
export const WITHOUT =
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,LocalNetworkAccessChecks,HttpsUpgrades';

export interface Captured {
  /** A WAV file for the microphone. */
  readonly voice?: string;
  /** A Y4M file for the camera. */
  readonly picture?: string;
}

/** A browser with a camera and a microphone that nobody holds. */
export function launchChromium({ voice, picture }: Captured = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--disable-background-timer-throttling', '--disable-renderer-backgrounding'],
      ...['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
      ...(voice ? [`--use-file-for-fake-audio-capture=${voice}`] : []),
      ...(picture ? [`--use-file-for-fake-video-capture=${picture}`] : []),
      '--autoplay-policy=no-user-gesture-required',
      WITHOUT,
    ],
  });
}
