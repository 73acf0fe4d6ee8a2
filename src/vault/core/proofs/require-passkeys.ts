// The passkeys of this deployment.
import { VaultError } from '../../../errors.ts';
import type { Passkeys } from '../../../ports/passkeys.ts';
import type { Vault } from '../vault.ts';

/** The passkeys of this deployment. Throws `not_available` where CALLVAULT_URL is not set. */
export function requirePasskeys({ passkeys }: Pick<Vault, 'passkeys'>): Passkeys {
  if (passkeys !== null) return passkeys;
  throw new VaultError('not_available', 'passkeys are unavailable: CALLVAULT_URL is not set');
}
