// A key service under test, and helpers of its suites.
import { keyContext } from '../../src/envelope/key-context.ts';
import type { SecretKey } from '../../src/envelope/secret-key.ts';
import type { KeyReference } from '../../src/model/tenant.ts';
import type { KeyService } from '../../src/ports/key-service.ts';

export const wait = { signal: AbortSignal.timeout(3_600_000) };

/** The bytes of a key, for comparing in a test. */
export function hexOf(key: SecretKey): string {
  return key.use((bytes) => bytes.toString('hex'));
}

/** The context of the suite's data keys. */
export const context = keyContext({ use: 'object', tenant: 'ten_a', recording: 'rec_a', deposit: 'dep_a', wrap: 1 });

/** A state that a key's owner can set. */
export type SetState = 'enabled' | 'disabled' | 'pending-deletion';

/** A key service, and the owner's control over its keys. */
export type KeysUnderTest = {
  readonly keys: KeyService;
  readonly put: (key: KeyReference, state: SetState) => Promise<void>;
  /** Well-formed names of missing keys. */
  readonly unknown: (key: KeyReference) => readonly KeyReference[];
  /** Texts that name no key. */
  readonly nameless: (key: KeyReference) => readonly string[];
};

export const refused = { code: 'key_refused' };
