/** Runs in the page, before anything else: says when the lesson was asked for, and when its ink was first seen. */
export function watchJoining(): void {
  const marks: { askedAt?: number; inkAt?: number } = {};
  Object.assign(window, { boardLoad: marks });
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    override send(data: string | BufferSource | Blob): void {
      if (typeof data === 'string' && data.includes('lesson.join')) marks.askedAt ??= performance.now();
      super.send(data);
    }
  };
  const small = new OffscreenCanvas(32, 18).getContext('2d', { willReadFrequently: true });
  const look = () => {
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>('[role="img"] canvas')) {
      if (!small || canvas.width === 0) continue;
      small.clearRect(0, 0, 32, 18);
      small.drawImage(canvas, 0, 0, 32, 18);
      if (small.getImageData(0, 0, 32, 18).data.some((value, i) => i % 4 === 3 && value > 0)) {
        marks.inkAt = performance.now();
        return;
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/**
 * Writes for a while, as a pen of 120 Hz whose samples a browser hands over once a frame does. Gives the times between
 * frames, ms. Runs in the page.
 */
export async function writeAndCount(seconds: number): Promise<number[]> {
  const board = [...document.querySelectorAll('[role="img"]')].find((one) => one.querySelector('canvas'));
  if (!board) throw new Error('there is no board');
  const box = board.getBoundingClientRect();
  const place = (t: number): [number, number] => [
    box.left + box.width * (0.1 + 0.8 * ((t / 2_000) % 1)),
    box.top + box.height * (0.5 + 0.3 * Math.sin(t / 90)),
  ];
  const event = (type: string, at: number, more: PointerEventInit = {}) => {
    const [clientX, clientY] = place(at);
    const pressure = 0.4 + 0.3 * Math.sin(at / 200);
    return new PointerEvent(type, {
      ...{ bubbles: true, pointerType: 'pen', pointerId: 3, buttons: 1, clientX, clientY, pressure },
      ...more,
    });
  };
  const frames: number[] = [];
  const began = performance.now();
  let last = began;
  let down = false;
  while (last - began < seconds * 1_000) {
    const now = await new Promise<number>((frame) => requestAnimationFrame(() => frame(performance.now())));
    frames.push(now - last);
    // A stroke lasts half a second, and a tenth passes to the next.
    const writes = (now - began) % 600 < 500;
    if (writes && !down) board.dispatchEvent(event('pointerdown', now));
    else if (!writes && down) board.dispatchEvent(event('pointerup', now, { buttons: 0 }));
    else if (writes) {
      const coalescedEvents: PointerEvent[] = [];
      for (let at = last; at < now; at += 1_000 / 120) coalescedEvents.push(event('pointermove', at));
      board.dispatchEvent(event('pointermove', now, { coalescedEvents }));
    }
    down = writes;
    last = now;
  }
  if (down) board.dispatchEvent(event('pointerup', last, { buttons: 0 }));
  return frames;
}

/**
 * Goes on with a stroke that is a minute long already, of a pen of 240 Hz that never left the page. Gives the times between
 * frames, ms. Runs in the page.
 */
export async function goOnAndCount(seconds: number): Promise<number[]> {
  const board = [...document.querySelectorAll('[role="img"]')].find((one) => one.querySelector('canvas'));
  if (!board) throw new Error('there is no board');
  const box = board.getBoundingClientRect();
  let n = 0;
  const event = (type: string, more: PointerEventInit = {}) =>
    new PointerEvent(type, {
      ...{
        bubbles: true,
        pointerType: 'pen',
        pointerId: 4,
        buttons: 1,
        pressure: 0.4 + 0.3 * Math.sin(n / 50),
      },
      clientX: box.left + box.width * (0.5 + 0.4 * Math.sin(n / 170)),
      clientY: box.top + box.height * (0.5 + 0.4 * Math.sin(n / 37)),
      ...more,
    });
  const moves = (count: number) => {
    const coalescedEvents = Array.from({ length: count }, () => {
      n++;
      return event('pointermove');
    });
    board.dispatchEvent(event('pointermove', { coalescedEvents }));
  };
  const frame = () =>
    new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now())));
  board.dispatchEvent(event('pointerdown'));
  while (n < 60 * 240) {
    moves(240);
    await frame();
  }
  const frames: number[] = [];
  const began = await frame();
  for (let last = began; last - began < seconds * 1_000; ) {
    moves(4);
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  board.dispatchEvent(event('pointerup', { buttons: 0 }));
  return frames;
}
