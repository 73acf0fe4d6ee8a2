// What an answer to an upload means for the sealed file.
import { isConfirmed, type SealedName } from './names.ts';
import type { UploadAnswer } from './ports.ts';

/**
 * `stored`: the vault confirmed size and digest. `rejected`: it will never accept this file. `later`: the file waits;
 * `all` if other files would fare no better now.
 */
export type Meaning =
  | { readonly kind: 'stored' }
  | { readonly kind: 'rejected'; readonly code: string }
  | { readonly kind: 'later'; readonly code: string; readonly all: boolean; readonly retryAfterMs: number | null };

/** Problems of the file itself: the same bytes fail again. */
const DEFINITE = new Set([
  'malformed',
  'sealed_file_invalid',
  'metadata_invalid',
  'media_type_unsupported',
  'media_type_mismatch',
  'body_empty',
  'body_too_large',
  'call_differs',
  'call_key_taken',
  'erased',
]);

/** Problems of one file that pass. */
const OF_THIS_FILE = new Set([
  'ingest_key_unknown',
  'upload_in_progress',
  'conflict',
  'integrity',
  'body_cut',
  'digest_mismatch',
]);

/**
 * Reads an answer. Only a problem document of callvault can reject a file: a proxy's 413 or 404 makes it wait. A
 * confirmation that does not match is none: only a vault that opened the file knows the digest.
 */
export function meaningOf(name: SealedName, answer: UploadAnswer): Meaning {
  if (answer === null) return { kind: 'later', code: 'unreachable', all: true, retryAfterMs: null };
  const { status, json, retryAfterMs } = answer;
  const body = (typeof json === 'object' && json !== null ? json : {}) as Readonly<Record<string, unknown>>;
  if (status === 200 || status === 201) {
    if (isConfirmed(name, body['size'], body['sha256'])) return { kind: 'stored' };
    return { kind: 'later', code: 'confirmation_differs', all: false, retryAfterMs };
  }
  const code =
    typeof body['code'] === 'string' && /^[a-z_]{1,40}$/.test(body['code']) ? body['code'] : `http_${status}`;
  if (status >= 400 && status < 500 && DEFINITE.has(code)) return { kind: 'rejected', code };
  return { kind: 'later', code, all: !OF_THIS_FILE.has(code), retryAfterMs };
}
