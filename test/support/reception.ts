import type { BrowserContext, Page } from 'playwright-core';

/** What a browser has received so far, over all its connections. */
export interface BrowserReception {
  /** Samples of voice that were due, and those that were made up because theirs had not come. */
  readonly samples: number;
  readonly concealed: number;
  readonly voiceBytes: number;
  readonly pictureBytes: number;
  readonly frames: number;
  /** With fresh entries: see `protocol/feed-line.ts`. */
  readonly datagrams: number;
  /** Mean time that a sample waited to be played, milliseconds; since the beginning. */
  readonly playoutMs: number;
}

/**
 * Before the context has pages: keeps hold of their connections, which nothing else gives out, and plays all that is
 * received, as the application does: only a voice that is played is decoded.
 */
export async function watchReception(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const page: Window & { connections?: RTCPeerConnection[] } = window;
    const connections: RTCPeerConnection[] = [];
    page.connections = connections;
    const elements: HTMLMediaElement[] = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...options: ConstructorParameters<typeof RTCPeerConnection>) {
        super(...options);
        connections.push(this);
        this.addEventListener('track', ({ track }) => {
          const element = document.createElement(track.kind === 'audio' ? 'audio' : 'video');
          elements.push(element);
          element.srcObject = new MediaStream([track]);
          element.muted = track.kind === 'video';
          element.play().catch((error: unknown) => console.error(error));
        });
      }
    };
  });
}

export function readReception(page: Page): Promise<BrowserReception> {
  return page.evaluate(async () => {
    const view: Window & { connections?: RTCPeerConnection[] } = window;
    const sum = {
      samples: 0,
      concealed: 0,
      voiceBytes: 0,
      pictureBytes: 0,
      frames: 0,
      datagrams: 0,
      delay: 0,
      emitted: 0,
    };
    for (const connection of view.connections ?? []) {
      if (connection.connectionState === 'closed') continue;
      for (const stat of (await connection.getStats()).values()) {
        if (stat.type === 'data-channel') sum.datagrams += stat.messagesReceived ?? 0;
        if (stat.type !== 'inbound-rtp') continue;
        const bytes = (stat.bytesReceived ?? 0) + (stat.headerBytesReceived ?? 0);
        if (stat.kind === 'audio') {
          sum.samples += stat.totalSamplesReceived ?? 0;
          // Silence that is made up is what the sender meant by sending nothing.
          sum.concealed += (stat.concealedSamples ?? 0) - (stat.silentConcealedSamples ?? 0);
          sum.voiceBytes += bytes;
          sum.delay += stat.jitterBufferDelay ?? 0;
          sum.emitted += stat.jitterBufferEmittedCount ?? 0;
        } else {
          sum.pictureBytes += bytes;
          sum.frames += stat.framesDecoded ?? 0;
        }
      }
    }
    const { delay, emitted, ...counts } = sum;
    return { ...counts, playoutMs: emitted > 0 ? Math.round((1_000 * delay) / emitted) : 0 };
  });
}

/** What has come of one stream. */
export interface StreamReception {
  readonly packets: number;
  /** Of a voice: samples that were due, and those that were made up. */
  readonly samples: number;
  readonly concealed: number;
  /** Of a picture: those that were seen, and how many lines the last had. */
  readonly frames: number;
  readonly height: number;
}

/** By the track that it is received as; nothing where it is not. */
export function readStream(page: Page, stream: string): Promise<StreamReception> {
  return page.evaluate(async (id) => {
    const view: Window & { connections?: RTCPeerConnection[] } = window;
    const track = window.session.media.view().received[id]?.id;
    for (const connection of view.connections ?? [])
      for (const stat of (await connection.getStats()).values())
        if (stat.type === 'inbound-rtp' && stat.trackIdentifier === track)
          return {
            packets: stat.packetsReceived ?? 0,
            samples: stat.totalSamplesReceived ?? 0,
            concealed: (stat.concealedSamples ?? 0) - (stat.silentConcealedSamples ?? 0),
            frames: stat.framesDecoded ?? 0,
            height: stat.frameHeight ?? 0,
          };
    return { packets: 0, samples: 0, concealed: 0, frames: 0, height: 0 };
  }, stream);
}
