import type { BrowserContext } from 'playwright-core';
import { type Protocols, sdpThroughLink } from './ice.ts';
import type { Link } from './link.ts';

/**
 * Sends the media of every page that this context opens from now on over the link, whatever the page and its server
 * know: candidates are rewritten on their way into the browser's own WebRTC. Its pages are opened at
 * `link.relayTcp(...)`; two contexts on two links can so meet in one lesson.
 */
export async function mediaThroughLink(
  context: BrowserContext,
  link: Link,
  protocols?: Protocols,
): Promise<void> {
  await context.exposeFunction('sdpThroughLink', (sdp: string) => sdpThroughLink(link, sdp, protocols));
  await context.addInitScript(rewriteRemoteDescriptions);
}

/** Runs in the page: may refer to nothing outside itself. */
function rewriteRemoteDescriptions(): void {
  const page: Window & { sdpThroughLink?: (sdp: string) => Promise<string> } = window;
  const original: (this: RTCPeerConnection, description: RTCSessionDescriptionInit) => Promise<void> =
    RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = async function (description) {
    if (!page.sdpThroughLink) throw new Error('the page was opened before its media was sent over a link');
    const sdp = description.sdp && (await page.sdpThroughLink(description.sdp));
    await original.call(this, { type: description.type, sdp });
  };
}
