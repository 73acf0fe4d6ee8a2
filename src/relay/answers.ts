// What an answer to an upload means for the sealed file.
import { outcomeOf } from '../client/client.ts';
import type { NamedCall } from '../errors.ts';
import { isConfirmed, type SealedName } from './names.ts';
import type { UploadAnswer } from './ports.ts';

/**
 * `stored`: the vault confirmed size and digest. `rejected`: it will never accept this file. `later`: the file waits;
 * `all` if other files would fare no better now.
 */
export type Meaning =
  | { readonly kind: 'stored' }
  | { readonly kind: 'rejected'; readonly code: string; readonly call: NamedCall | null }
  | { readonly kind: 'later'; readonly code: string; readonly all: boolean; readonly retryAfterMs: number | null };

/** What the vault takes as a name of a source or a call, at most. */
const LONGEST_NAME = 256;

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
  const outcome = outcomeOf(answer);
  switch (outcome.kind) {
    case 'done':
      if (isConfirmed(name, answer.json?.['size'], answer.json?.['sha256'])) return { kind: 'stored' };
      return { kind: 'later', code: 'confirmation_differs', all: false, retryAfterMs: answer.retryAfterMs };
    case 'rejected':
      return { ...outcome, call: callIn(answer.json?.['call']) };
    case 'later':
      return { ...outcome, all: !OF_THIS_FILE.has(outcome.code) };
  }
}

/** The call that a vault found in the file; null where it names none. Also of what a note says, or another program wrote. */
export function callIn(json: unknown): NamedCall | null {
  if (typeof json !== 'object' || json === null) return null;
  const { source, call_id } = json as { readonly source?: unknown; readonly call_id?: unknown };
  if (typeof source !== 'string' || typeof call_id !== 'string') return null;
  return source.length > LONGEST_NAME || call_id.length > LONGEST_NAME ? null : { source, call_id };
}
