import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { isSecure, type OriginOptions } from '../auth/origin.ts';

/** What our own pages use, and nobody embedded in them. */
const PERMISSIONS = [
  'camera=(self)',
  'microphone=(self)',
  'display-capture=(self)',
  'fullscreen=(self)',
  'autoplay=(self)',
  'screen-wake-lock=(self)',
  'geolocation=()',
  'usb=()',
  'payment=()',
].join(', ');

const HOST = /^[\w.-]+(:\d+)?$|^\[[\da-f:]+\](:\d+)?$/i;

/** Headers on every answer. Scripts come from this server alone: a name or a chat line can never become one. */
export function securityHeaders({ publicUrl, behindProxy }: OriginOptions): RequestHandler {
  const overHttps = createHelmet(true, publicUrl?.startsWith('https:') === true);
  const overHttp = createHelmet(false, false);
  return (request, response, next) => {
    response.set('Permissions-Policy', PERMISSIONS);
    const headers = isSecure(request, behindProxy) ? overHttps : overHttp;
    headers(request, response, next);
  };
}

/**
 * `strict`: HSTS, which speaks for every port of the host. Right for a public name; on a school's own network it would
 * close the plain HTTP page from which devices get the certificate.
 */
function createHelmet(secure: boolean, strict: boolean) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // react-aria and Fabric position elements by style attributes.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        fontSrc: ["'self'"],
        // Safari before 15.4 does not count WebSockets as 'self'.
        connectSrc: ["'self'", (request) => socketSource(request.headers.host, secure)],
        workerSrc: ["'self'", 'blob:'],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: strict && { maxAge: 180 * 24 * 3_600, includeSubDomains: false },
    // Browsers ignore it, with an error on the console, where the page did not come encrypted.
    crossOriginOpenerPolicy: secure,
    originAgentCluster: secure,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
  });
}

function socketSource(host: string | undefined, secure: boolean): string {
  return host !== undefined && HOST.test(host) ? `${secure ? 'wss' : 'ws'}://${host}` : "'self'";
}
