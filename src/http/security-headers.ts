// What every reply says to browsers: no scripts, no frames, no guessing of types, no referrers, nothing across origins.
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Env } from './context.ts';

const NONE: readonly string[] = ["'none'"];

/** Sets the headers; a page that needs another content security policy says so itself. HSTS only where `https`. */
export function securityHeaders(https: boolean): MiddlewareHandler<Env> {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: [...NONE],
      baseUri: [...NONE],
      formAction: [...NONE],
      frameAncestors: [...NONE],
    },
    crossOriginEmbedderPolicy: true,
    strictTransportSecurity: https ? 'max-age=31536000' : false,
    xFrameOptions: 'DENY',
    permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [], usb: [], displayCapture: [] },
    overwrite: false,
  });
}
