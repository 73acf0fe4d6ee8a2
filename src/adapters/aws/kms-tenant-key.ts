// A tenant's own KMS keys: created once, tagged with the tenant's id, rotated yearly, found again by alias or tag.
import { CreateKeyCommand, EnableKeyRotationCommand, type KMSClient } from '@aws-sdk/client-kms';
import { VaultError } from '../../errors.ts';
import type { Wait } from '../../ports/object-store.ts';
import { aliasOf, createAlias, keyOfAlias } from './kms-aliases.ts';
import { sendKms } from './kms-clients.ts';
import { isException, keyServiceUnavailable } from './kms-failures.ts';
import { isOwnedBy, keyOfTag, keyOwnerOf, tagsFor } from './kms-tags.ts';

/**
 * The ARN of a tenant's key. The key has its tags from creation; the alias comes last, on a complete key, and only one
 * key can have it. So a key with the alias is complete; one with tags only was left by a crash or a lost answer and is
 * completed; where two processes created one each, the alias decides and the other key is never used. `once` sends
 * without retries: repeating a CreateKey whose answer was lost would create a second key.
 */
export function createTenantKeys(
  kms: KMSClient,
  once: KMSClient,
): (tenant: string, generation: number, wait: Wait) => Promise<string> {
  const queues = new Map<string, Promise<unknown>>();
  const find = async (tenant: string, generation: number, wait: Wait): Promise<string> => {
    const { existing, free } = await findKeyByAlias(kms, tenant, generation, wait);
    if (existing !== null) return existing;
    const id = (await keyOfTag(kms, tenant, generation, wait)) ?? (await createKey(once, tenant, generation, wait));
    await retryableWhileNew(sendKms(wait, (abort) => kms.send(new EnableKeyRotationCommand({ KeyId: id }), abort)));
    const winner = (await retryableWhileNew(createAlias(kms, free, id, wait))) ? id : await keyOfAlias(kms, free, wait);
    if (winner === null) throw keyServiceUnavailable('the alias of the tenant’s key is not visible yet');
    // After a crash, callvault could not find a key whose tags it may not read, and would create another each time.
    if (isOwnedBy(await retryableWhileNew(keyOwnerOf(kms, winner, wait)), tenant, generation)) return winner;
    throw notTagged();
  };
  return async (tenant, generation, wait) => {
    const turn = (queues.get(tenant) ?? Promise.resolve()).then(() => find(tenant, generation, wait));
    const over = turn.catch(() => undefined);
    queues.set(tenant, over);
    try {
      return await turn;
    } finally {
      if (queues.get(tenant) === over) queues.delete(tenant);
    }
  };
}

/**
 * The key that an alias points to, or a free alias for it. A first key has the tenant's own alias until a later key takes
 * that over, and then one with its generation.
 */
async function findKeyByAlias(
  kms: KMSClient,
  tenant: string,
  generation: number,
  wait: Wait,
): Promise<{ readonly existing: string; readonly free: null } | { readonly existing: null; readonly free: string }> {
  const own = aliasOf(tenant, generation);
  const led = generation === 1 ? await keyOfAlias(kms, aliasOf(tenant), wait) : null;
  const owner = led === null ? null : await retryableWhileNew(keyOwnerOf(kms, led, wait));
  if (led !== null && owner !== null && isOwnedBy(owner, tenant, generation)) return { existing: led, free: null };
  const existing = await keyOfAlias(kms, own, wait);
  if (existing !== null && isOwnedBy(await retryableWhileNew(keyOwnerOf(kms, existing, wait)), tenant, generation))
    return { existing, free: null };
  if (existing !== null || (owner !== null && owner.tenant !== tenant)) throw notTagged();
  return { existing: null, free: generation === 1 && led === null ? aliasOf(tenant) : own };
}

function notTagged(): VaultError {
  return new VaultError('key_refused', 'the key under the tenant’s alias does not have the tenant’s tags');
}

async function createKey(once: KMSClient, tenant: string, generation: number, wait: Wait): Promise<string> {
  const command = new CreateKeyCommand({
    Description: 'callvault: the key of one tenant',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
    Tags: tagsFor(tenant, generation),
  });
  const arn = (await sendKms(wait, (abort) => once.send(command, abort))).KeyMetadata?.Arn;
  if (arn === undefined) throw keyServiceUnavailable('KMS returned no new key');
  return arn;
}

/** KMS is eventually consistent: an unknown new key may become known. */
function retryableWhileNew<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    throw isException(error, 'NotFoundException')
      ? keyServiceUnavailable('KMS does not know the key yet', error.cause)
      : error;
  });
}
