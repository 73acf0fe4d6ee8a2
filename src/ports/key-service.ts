// What the vault needs of a key service: data keys wrapped under a tenant's key, with an encryption context.
import type { WrappedKey } from '../envelope/envelope.ts';
import type { KeyContext } from '../envelope/key-context.ts';
import type { SecretKey } from '../envelope/secret-key.ts';
import type { KeyReference } from '../model/tenant.ts';
import type { Wait } from './object-store.ts';

/**
 * Throws `key_refused` where the service said no for good (unknown, disabled or deleted key, another context, denied
 * action), and `key_service_unavailable` for what may pass.
 */
export type KeyService = {
  /** The tenant's new key. Called again for the same tenant, it returns the key it made before. */
  readonly createKey: (tenant: string, wait: Wait) => Promise<KeyReference>;
  /** A new data key and how it is kept. `id` is the key that answered, never an alias. */
  readonly generateDataKey: (
    key: KeyReference,
    context: KeyContext,
    wait: Wait,
  ) => Promise<{ readonly dataKey: SecretKey; readonly id: string; readonly wrapped: Uint8Array }>;
  /** The data key of a wrapped one; the key's id is always named. */
  readonly unwrap: (key: Omit<WrappedKey, 'wrap'>, context: KeyContext, wait: Wait) => Promise<SecretKey>;
};
