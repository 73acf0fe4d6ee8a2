// Security headers of every reply: no scripts, frames, type sniffing, referrers or cross-origin access.
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Env } from './context.ts';

const NONE: readonly string[] = ["'none'"];

/** Sets the headers; a page with another content security policy sets that itself. HSTS only where `https`. */
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
