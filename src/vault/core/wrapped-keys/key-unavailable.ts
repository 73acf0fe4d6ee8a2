// Errors that mean a tenant's key is unavailable.
import { hasCode } from '../../../errors.ts';

/** True where the key service denies the key or does not answer, or the tenant is not active. The cause may pass. */
export function isKeyUnavailable(error: unknown): boolean {
  return hasCode(error, 'not_available', 'key_refused', 'key_service_unavailable', 'key_zeroed');
}
