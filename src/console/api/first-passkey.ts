// Until when somebody who came in by a link may add their first passkey.
import type { Me } from './types.ts';

/** As long as the service takes a first passkey after the link. */
const FIRST_PASSKEY_MS = 30 * 60_000;

/** The time, in the service's milliseconds; null for somebody who has a passkey. */
export function firstPasskeyUntil({ passkeys, auth_time: time }: Pick<Me, 'passkeys' | 'auth_time'>): number | null {
  return passkeys.length > 0 || time === null ? null : Date.parse(time) + FIRST_PASSKEY_MS;
}
