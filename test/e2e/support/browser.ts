import { type Browser, chromium } from 'playwright-core';
import { WITHOUT } from '../../support/chromium.ts';
import { filesOf, type Scene } from './scene.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  WITHOUT,
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

/** `refusing` answers every question for a camera or microphone with no. */
export async function openBrowser(
  scene: Scene,
  asked: 'granting' | 'refusing' = 'granting',
): Promise<Browser> {
  const files = await filesOf(scene);
  const answer = asked === 'granting' ? '--use-fake-ui-for-media-stream' : '--deny-permission-prompts';
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
    args: [...FLAGS, answer, ...files.flags],
  });
  browser.once('disconnected', () => void files.close());
  return browser;
}
