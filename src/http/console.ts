// The console in the browser: one page for every address that is no API, its assets, and the policy they run under.
import type { Context, MiddlewareHandler } from 'hono';
import { newRequestId } from '../bytes/ids.ts';
import type { Env } from './context.ts';

/** An asset: its bytes, and the same compressed where that is shorter. */
export type Asset = {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer> | null;
};

/** The built console: its page, and its assets by file name. */
export type ConsoleFiles = { readonly page: string; readonly assets: ReadonlyMap<string, Asset> };

/** Stands in the built page where each reply puts a nonce of its own. */
const NONCE_PLACEHOLDER = '__CSP_NONCE__';
const ASSET = /^\/assets\/([\w.-]+)$/;
const NOT_CONSOLE_PATH = /^\/(v1|docs|assets|openapi\.json|healthz|readyz)(\/|$)/;

/** A worker runs under the policy that its script came with: it follows events, and loads and makes nothing. */
const ASSET_POLICY =
  "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Nothing inline runs, nothing comes from elsewhere; styles made in the page carry the nonce. */
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
 * Answers a browser that asks for a page or an asset of the console; everything else goes on. What is named by its
 * content is kept for good, the page by nobody.
 */
export function serveConsole({ page, assets }: ConsoleFiles): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') return next();
    const { pathname } = new URL(c.req.url);
    const head = c.req.method === 'HEAD';
    const asset = assets.get(ASSET.exec(pathname)?.[1] ?? '');
    if (asset !== undefined) {
      const headers = {
        'content-type': asset.type,
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy': ASSET_POLICY,
      };
      const zipped = acceptsGzip(c) ? asset.gzip : null;
      const coding = zipped === null ? {} : { 'content-encoding': 'gzip' };
      const more = { ...coding, ...(asset.gzip === null ? {} : { vary: 'accept-encoding' }) };
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

/** Whether gzip is named and not refused (RFC 9110 §12.5.3). Nothing secret is in an asset that its length could tell. */
function acceptsGzip(c: Context<Env>): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s|$))/i.test(c.req.header('accept-encoding') ?? '');
}

/** A program that mistakes an address gets a problem document, a person the page that says so. */
function acceptsHtml(c: Context<Env>): boolean {
  return c.req.path === '/' || /\btext\/html\b/.test(c.req.header('accept') ?? '');
}
