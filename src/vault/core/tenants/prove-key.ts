// Proving a key that a customer registered: we can wrap and unwrap with it, in this tenant's name, under its own id.
import { equalBytes } from '../../../bytes/digest.ts';
import { keyContext } from '../../../envelope/key-context.ts';
import { VaultError } from '../../../errors.ts';
import type { KeyReference } from '../../../model/tenant.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/**
 * Makes a data key under the challenge's context, unwraps it again and compares. Throws `key_refused` where the key may
 * not be used (a policy changed just now may take minutes to hold), where another name than the key's own was given, or
 * where what comes back differs; and `key_service_unavailable` where there is no telling.
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
    if (id !== key.id) throw new VaultError('key_refused', 'another key answered than the one that was named');
    const again = await vault.keys.unwrap({ ...key, wrapped }, context, request);
    try {
      if (dataKey.use((made) => again.use((opened) => equalBytes(made, opened)))) return;
      throw new VaultError('key_refused', 'the key does not give back what it wrapped');
    } finally {
      again.zero();
    }
  } finally {
    dataKey.zero();
  }
}
