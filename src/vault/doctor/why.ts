// What stood in the way, for whoever gives commands: our words, and the name that the service behind gave its refusal.
import { VaultError } from '../../errors.ts';

/** A name like AccessDenied, NoSuchBucket or ECONNREFUSED: one word, so no name of a bucket, key or person. */
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{2,63}$/;

/** The error in one line. What else a service says (it may quote names and rows) is left out. */
export function whyOf(error: unknown): string {
  if (!(error instanceof VaultError)) return error instanceof Error ? error.name : 'failed';
  const name = nameOf(error.cause);
  return name === null || error.message.includes(name) ? error.message : `${error.message} (${name})`;
}

function nameOf(cause: unknown): string | null {
  if (!(cause instanceof Error) || cause instanceof VaultError) return null;
  const names = ['code' in cause ? cause.code : undefined, cause.name];
  const said = names.find((name) => typeof name === 'string' && NAME.test(name) && name !== 'Error');
  return typeof said === 'string' ? said : null;
}
