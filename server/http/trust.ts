import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import express, { type Request, type Router } from 'express';
import { encodeQR } from 'qr';
import { Language } from '../../protocol/common.ts';
import { TRUST_TEXTS } from './trust-texts.ts';

export interface TrustOptions {
  /** The local authority's certificate, PEM. */
  readonly ca: string;
  /** Where this server is found without encryption and with it; by the host's first address on the local network. */
  addresses(): { readonly http: string; readonly https: string };
}

const NAMES: Readonly<Record<Language, string>> = { 'zh-CN': '中文', bo: 'བོད་ཡིག', en: 'English' };
/** Most devices have no Tibetan font of their own. */
const TIBETAN_FONT = fileURLToPath(
  import.meta.resolve('@fontsource/jomolhari/files/jomolhari-tibetan-400-normal.woff2'),
);
const LOOPBACK = /^(localhost|127\.|\[::1\])/;

/**
 * `/trust`: how a device is told to trust the local authority, and `/trust/ca.crt`, what it is to trust. Served
 * without encryption too, since that is what a device has until then; whoever needs to be sure compares fingerprints.
 */
export function createTrustPage({ ca, addresses }: TrustOptions): Router {
  const certificate = new X509Certificate(ca);
  const router = express.Router();
  router.get('/ca.crt', (_request, response) => {
    // DER: the one form that Android, iOS and Windows all install by opening it.
    response
      .set({ 'Content-Disposition': 'attachment; filename="tongke-ca.crt"', 'Cache-Control': 'no-cache' })
      .type('application/x-x509-ca-cert')
      .send(certificate.raw);
  });
  router.get('/tibetan.woff2', (_request, response) => response.sendFile(TIBETAN_FONT, { maxAge: '30d' }));
  router.get('/', (request, response) => {
    const { http, https } = seenFrom(request, addresses());
    const page = render(chosenLanguage(request), `${http}/trust`, https, certificate.fingerprint256);
    response.set('Cache-Control', 'no-cache').type('html').send(page);
  });
  return router;
}

/** A device that already found us by some address keeps to it; a QR code that says localhost helps nobody. */
function seenFrom(request: Request, known: { http: string; https: string }): { http: string; https: string } {
  const { hostname } = request;
  if (!hostname || LOOPBACK.test(hostname) || isIP(hostname) === 0) return known;
  const at = (address: string) => Object.assign(new URL(address), { hostname }).origin;
  return { http: at(known.http), https: at(known.https) };
}

function chosenLanguage(request: Request): Language {
  const asked = Language.safeParse(request.query.lang);
  if (asked.success) return asked.data;
  const accepted = Language.safeParse(request.acceptsLanguages(...Language.options));
  return accepted.success ? accepted.data : 'zh-CN';
}

function render(language: Language, here: string, https: string, fingerprint: string): string {
  const texts = TRUST_TEXTS[language];
  const steps = texts.steps
    .map(({ system, text }) => `<dt>${escapeHtml(system)}</dt><dd>${escapeHtml(text)}</dd>`)
    .join('');
  const languages = Language.options
    .filter((other) => other !== language)
    .map((other) => `<a href="?lang=${other}" lang="${other}">${NAMES[other]}</a>`)
    .join(' · ');
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<title>${escapeHtml(texts.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<nav>${languages}</nav>
<h1>${escapeHtml(texts.title)}</h1>
<p>${escapeHtml(texts.why)}</p>
<p><a class="button" href="/trust/ca.crt" download>${escapeHtml(texts.download)}</a></p>
<dl>${steps}</dl>
<p>${escapeHtml(texts.fingerprint)}<br><code>${fingerprint}</code></p>
<p><a class="button quiet" href="${escapeHtml(https)}">${escapeHtml(texts.open)}</a><br><code>${escapeHtml(https)}</code></p>
<figure><figcaption>${escapeHtml(texts.scan)}<br><code>${escapeHtml(here)}</code></figcaption>
<div role="img" aria-label="${escapeHtml(here)}">${encodeQR(here, 'svg')}</div></figure>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const STYLE = `
@font-face { font-family: Tibetan; src: url(/trust/tibetan.woff2) format('woff2'); unicode-range: U+0F00-0FFF; size-adjust: 130%; font-display: swap; }
body { max-width: 40rem; margin: 0 auto; padding: 1.5rem; font: 1.0625rem/1.6 Tibetan, system-ui, sans-serif; }
html[lang=bo] body { line-height: 1.9; }
nav { text-align: right; }
h1 { font-size: 1.6rem; line-height: 1.3; }
dt { font-weight: 600; margin-top: 1rem; }
dd { margin: 0.25rem 0 0; }
code { overflow-wrap: anywhere; font-size: 0.875em; }
.button { display: inline-block; min-height: 3rem; padding: 0 1.5rem; line-height: 3rem; border-radius: 0.75rem;
  background: #0b6b5d; color: #fff; text-decoration: none; }
.quiet { background: none; color: inherit; outline: 1px solid; }
figure { margin: 2rem 0; }
figure svg { width: 14rem; height: 14rem; background: #fff; margin-top: 0.75rem; }
`;
