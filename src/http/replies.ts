// Reply helpers: snake_case JSON, the audit header, cursors.
import { toBase64 } from '../bytes/base64.ts';
import { VaultError } from '../errors.ts';
import type { Receipt } from '../model/audit-event.ts';

/** An uncached JSON reply, with the receipt of the change's first event. */
export function json(body: unknown, status = 200, receipt?: Receipt, more: Record<string, string> = {}): Response {
  const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store', ...more });
  for (const [name, value] of Object.entries(auditHeader(receipt))) headers.set(name, value);
  return new Response(JSON.stringify(body), { status, headers });
}

/** The header of a receipt, Vault-Audit; none without one. */
export function auditHeader(receipt: Receipt | undefined): Record<string, string> {
  return receipt === undefined ? {} : { 'vault-audit': `${receipt.log} ${receipt.seq} ${toBase64(receipt.hash)}` };
}

/** A list's reply: `next` is the cursor of the following page, null at the end; and further members of the page. */
export function list(data: readonly unknown[], next: string | null, url: string, beside: object = {}): Response {
  const more: Record<string, string> = {};
  if (next !== null) {
    const target = new URL(url);
    target.searchParams.set('cursor', next);
    more['link'] = `<${target.pathname}${target.search}>; rel="next"`;
  }
  return json({ data, next_cursor: next, ...beside }, 200, undefined, more);
}

/** A page of rows that were read with one more than shown; `last` is the cursor's row, null at the end. */
export function pageOf<T>(
  read: readonly T[],
  limit: number,
): { readonly shown: readonly T[]; readonly last: T | null } {
  const shown = read.slice(0, limit);
  return { shown, last: read.length > limit ? (shown.at(-1) ?? null) : null };
}

/** Encodes these texts as a cursor, opaque to callers. */
export function encodeCursor(...fields: readonly string[]): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** Decodes the `count` texts of a cursor. Throws `malformed`. */
export function decodeCursor(cursor: string | undefined, count: number): string[] | null {
  if (cursor === undefined) return null;
  try {
    const fields: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(fields) && fields.length === count && fields.every(isPlain)) return fields;
  } catch {
    // Falls through to the common error.
  }
  throw new VaultError('malformed', 'the cursor is not valid');
}

/** Cursors contain ids and times only. */
function isPlain(field: unknown): field is string {
  return typeof field === 'string' && /^[A-Za-z0-9_.:+-]{1,64}$/.test(field);
}
