import { toBase64url } from '../../protocol/base64.ts';
import type { CommandResult } from '../../protocol/device-commands.ts';

/*
 * A picture of this page, drawn by the browser from the page itself: no permission is needed, and nothing of the
 * computer beside the page can be in it. Pictures of people are left out: a technician sees that there is one, not whom.
 */

/** At rest it is read easily; in a lesson it must not take the link from a voice. Pixels. */
const WIDTH = { atRest: 1_000, inLesson: 480 };
const MOST_BYTES = 48 * 1024;
const QUALITIES = [0.8, 0.6, 0.4, 0.2, 0.05];
const XHTML = 'http://www.w3.org/1999/xhtml';

export async function pictureOfPage(inLesson: boolean): Promise<CommandResult> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(pageAsSvg())}`;
  await image.decode();
  const width = Math.min(innerWidth, inLesson ? WIDTH.inLesson : WIDTH.atRest);
  const height = Math.round((width * innerHeight) / innerWidth);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.drawImage(image, 0, 0, width, height);
  for (const quality of QUALITIES) {
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
    if (blob.size > MOST_BYTES) continue;
    return { type: 'image/webp', data: toBase64url(new Uint8Array(await blob.arrayBuffer())) };
  }
  throw new Error('the picture does not become small enough');
}

function pageAsSvg(): string {
  const page = copyOfPage();
  // Inside an SVG the root is the SVG: what is meant for the page's root must find it by its name.
  const styles = document.createElementNS(XHTML, 'style');
  styles.textContent = stylesOfPage().replaceAll(':root', 'html');
  page.querySelector('head')?.append(styles);
  page.setAttribute('xmlns', XHTML);
  page.style.cssText += `;display:block;width:${innerWidth}px;height:${innerHeight}px;overflow:hidden`;
  const content = new XMLSerializer().serializeToString(page);
  const size = `width="${innerWidth}" height="${innerHeight}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}><foreignObject ${size}>${content}</foreignObject></svg>`;
}

function copyOfPage(): HTMLElement {
  const original = document.documentElement;
  const copy = original.cloneNode(true);
  if (!(copy instanceof HTMLElement)) throw new Error('no page');
  const copies = [...copy.querySelectorAll('canvas')];
  for (const [i, canvas] of [...original.querySelectorAll('canvas')].entries()) {
    copies[i]?.replaceWith(standIn(canvas, drawn(canvas)));
  }
  const pictures = [...copy.querySelectorAll('video')];
  for (const [i, video] of [...original.querySelectorAll('video')].entries()) {
    pictures[i]?.replaceWith(standIn(video, 'linear-gradient(135deg, #5b6b73, #3c4a52)'));
  }
  const images = [...copy.querySelectorAll('img')];
  for (const [i, image] of [...original.querySelectorAll('img')].entries()) {
    images[i]?.replaceWith(standIn(image, '#8a969c'));
  }
  for (const script of copy.querySelectorAll('script, link, template')) script.remove();
  return copy;
}

/** A block of the same place and size, filled. */
function standIn(element: HTMLElement, fill: string): HTMLElement {
  const block = document.createElementNS(XHTML, 'div');
  if (!(block instanceof HTMLElement)) throw new Error('no page');
  const { position, left, top, display } = getComputedStyle(element);
  const { width, height } = element.getBoundingClientRect();
  block.style.cssText = `position:${position};left:${left};top:${top};display:${display === 'inline' ? 'inline-block' : display};`;
  block.style.width = `${width}px`;
  block.style.height = `${height}px`;
  block.style.background = fill;
  block.style.backgroundSize = '100% 100%';
  return block;
}

function drawn(canvas: HTMLCanvasElement): string {
  if (canvas.width === 0 || canvas.height === 0) return 'none';
  return `url("${canvas.toDataURL('image/webp', 0.7)}")`;
}

/** Fonts are left out: they would have to be fetched, which a picture may not. */
function stylesOfPage(): string {
  return [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => !(rule instanceof CSSFontFaceRule))
    .map((rule) => rule.cssText)
    .join('\n');
}
