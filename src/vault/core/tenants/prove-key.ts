// The proof of a key that a customer registered: callvault can wrap and unwrap with it for this tenant.
import { equalBytes } from '../../../bytes/digest.ts';
import { keyContext } from '../../../envelope/key-context.ts';
import { VaultError } from '../../../errors.ts';
import type { KeyReference } from '../../../model/tenant.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/**
 * Makes a data key under the challenge's context, unwraps it again and compares. Throws `key_refused` where the key may
 * not be used (a policy changed just now may take minutes to apply), where `key` does not name it by its own id, or
 * where the unwrapped key differs; and `key_service_unavailable` where the key service does not answer.
 */
export async function proveKey(
  vault: Pick<Vault, 'keys'>,
  key: KeyReference,
  tenant: string,
  request: RequestContext,
): Promise<void> {
  const context = keyContext({ use: 'challenge', tenant, wrap: 0 });
  const { dataKey, id, wrapped } = await vault.keys.generateDataKey(key, context, request);
  try {
    if (id !== key.id) throw new VaultError('key_refused', 'the key service used another key than the one named');
    const again = await vault.keys.unwrap({ ...key, wrapped }, context, request);
    try {
      if (dataKey.use((made) => again.use((opened) => equalBytes(made, opened)))) return;
      throw new VaultError('key_refused', 'the key does not unwrap what it wrapped');
    } finally {
      again.zero();
    }
  } finally {
    dataKey.zero();
  }
}
