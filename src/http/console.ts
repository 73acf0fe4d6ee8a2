// The console in the browser: its page at every address outside the API, its assets, and their security policy.
import type { Context, MiddlewareHandler } from 'hono';
import { newRequestId } from '../bytes/ids.ts';
import type { Env } from './context.ts';

/** An asset's bytes, and its compressed form, or null where that is not much shorter. */
export type Asset = {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzip: () => Promise<Uint8Array<ArrayBuffer> | null>;
};

/** The built console: its page, and its assets by file name. */
export type ConsoleFiles = { readonly page: string; readonly assets: ReadonlyMap<string, Asset> };

/** Placeholder in the built page that each reply replaces by a new nonce. */
const NONCE_PLACEHOLDER = '__CSP_NONCE__';
const ASSET = /^\/assets\/([\w.-]+)$/;
const NOT_CONSOLE_PATH = /^\/(v1|docs|assets|openapi\.json|healthz|readyz)(\/|$)/;

/** Policy of worker scripts: they read the event stream, and load and create nothing. */
const ASSET_POLICY =
  "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Policy of the page: no inline scripts, nothing from other origins; generated styles carry the nonce. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "media-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ');
}

/**
 * Answers browsers that request a page or an asset of the console, and passes on everything else. Assets are named by
 * their content and cached for good; the page is never cached.
 */
export function serveConsole({ page, assets }: ConsoleFiles): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return next();
    // Hono decodes some escapes of its path.
    const pathname = c.req.url.includes('%') ? new URL(c.req.url).pathname : c.req.path;
    const head = c.req.method === 'HEAD';
    const asset = assets.get(ASSET.exec(pathname)?.[1] ?? '');
    if (asset !== undefined) {
      const headers = {
        'content-type': asset.type,
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy': ASSET_POLICY,
      };
      const gzip = await asset.gzip();
      const zipped = acceptsGzip(c) ? gzip : null;
      const coding = zipped === null ? {} : { 'content-encoding': 'gzip' };
      const more = { ...coding, ...(gzip === null ? {} : { vary: 'accept-encoding' }) };
      return new Response(head ? null : (zipped ?? asset.bytes), { headers: { ...headers, ...more } });
    }
    if (NOT_CONSOLE_PATH.test(pathname) || !acceptsHtml(c)) return next();
    const nonce = newRequestId();
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy(nonce),
    };
    return new Response(head ? null : page.replaceAll(NONCE_PLACEHOLDER, nonce), { headers });
  };
}

/** Whether the client accepts gzip (RFC 9110, section 12.5.3). Assets contain no secret that their length could reveal. */
function acceptsGzip(c: Context<Env>): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s|$))/i.test(c.req.header('accept-encoding') ?? '');
}

/** A program with a wrong address gets a problem document; a person gets the console's page. */
function acceptsHtml(c: Context<Env>): boolean {
  return c.req.path === '/' || /\btext\/html\b/.test(c.req.header('accept') ?? '');
}
