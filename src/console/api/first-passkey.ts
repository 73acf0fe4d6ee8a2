// Deadline for adding the first passkey after signing in by link.
import type { Me } from './types.ts';

/** The service accepts a first passkey for this long after the link. */
const FIRST_PASSKEY_MS = 30 * 60_000;

/** Deadline in milliseconds of the service's clock; null for a person with a passkey. */
export function firstPasskeyUntil({ passkeys, auth_time: time }: Pick<Me, 'passkeys' | 'auth_time'>): number | null {
  return passkeys.length > 0 || time === null ? null : Date.parse(time) + FIRST_PASSKEY_MS;
}
