// Secrets that name their row: random, stored as a hash, compared in constant time.
import { randomBytes } from 'node:crypto';
import { equalBytes, sha256 } from '../../bytes/digest.ts';
import { isId } from '../../bytes/ids.ts';

/** A sign-in session's cookie, or a one-time link. */
export type SecretKind = 'cvs' | 'cvl';

const IDS = { cvs: 'sgn', cvl: 'lnk' } as const;

/** A new secret for the row `id`: 256 random bits after the id's 26 characters. */
export function newSecret(kind: SecretKind, id: string): { readonly secret: string; readonly hash: Buffer } {
  const secret = `${kind}_${id.slice(4)}_${randomBytes(32).toString('base64url')}`;
  return { secret, hash: sha256(secret) };
}

/** The row's id in a secret's text; null for an ill-formed secret. */
export function parseSecretId(kind: SecretKind, secret: string): string | null {
  const found = /^(cv[sl])_([0-9a-z]{26})_[A-Za-z0-9_-]{43}$/.exec(secret);
  const id = `${IDS[kind]}_${found?.[2] ?? ''}`;
  return found?.[1] === kind && isId(id, IDS[kind]) ? id : null;
}

/** Whether this is the secret of the hash. Without a hash it takes the same time and returns false. */
export function isSecretOf(secret: string, hash: Uint8Array | undefined): boolean {
  const same = equalBytes(sha256(secret), hash ?? Buffer.alloc(32));
  return same && hash !== undefined;
}
