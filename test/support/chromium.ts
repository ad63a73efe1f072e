import { type Browser, chromium } from 'playwright-core';

/** A browser with a camera and a microphone that nobody holds; `voice` is a WAV file for the microphone. */
export function launchChromium({ voice }: { voice?: string } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--disable-background-timer-throttling', '--disable-renderer-backgrounding'],
      ...['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
      ...(voice ? [`--use-file-for-fake-audio-capture=${voice}`] : []),
      '--autoplay-policy=no-user-gesture-required',
      // A page that a test has put in place of a file comes from no network: else its sockets would be refused.
      '--disable-features=LocalNetworkAccessChecks',
    ],
  });
}
