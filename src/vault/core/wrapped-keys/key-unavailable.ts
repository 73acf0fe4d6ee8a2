// Whether an error means that a tenant's key cannot be used just now.
import { hasCode } from '../../../errors.ts';

/** True where the key service refuses or does not answer, or the tenant is not served. It may pass. */
export function isKeyUnavailable(error: unknown): boolean {
  return hasCode(error, 'not_available', 'key_refused', 'key_service_unavailable', 'key_zeroed');
}
