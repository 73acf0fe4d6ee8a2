// A tenant's own KMS keys: each made once, tagged with the tenant's id, rotated every year, found again by alias or tag.
import { CreateKeyCommand, EnableKeyRotationCommand, type KMSClient } from '@aws-sdk/client-kms';
import { VaultError } from '../../errors.ts';
import type { Wait } from '../../ports/object-store.ts';
import { aliasOf, createAlias, keyOfAlias } from './kms-aliases.ts';
import { sendKms } from './kms-clients.ts';
import { isException, keyServiceUnavailable } from './kms-failures.ts';
import { isOwnedBy, keyOfTag, keyOwnerOf, tagsFor } from './kms-tags.ts';

/**
 * The ARN of a tenant's key. The tags are on the key from the first moment; the alias is given last, to a key that is
 * complete, and only one key can have it. So a key with the alias is done; one with the tags alone was left by a crash
 * or a lost answer and is finished; where two processes made one each, the alias decides and the other is never used.
 * `once` sends without retries: repeating a CreateKey whose answer was lost would make a second key.
 */
export function createTenantKeys(
  kms: KMSClient,
  once: KMSClient,
): (tenant: string, generation: number, wait: Wait) => Promise<string> {
  const queues = new Map<string, Promise<unknown>>();
  const find = async (tenant: string, generation: number, wait: Wait): Promise<string> => {
    const { there, free } = await findKeyByAlias(kms, tenant, generation, wait);
    if (there !== null) return there;
    const id = (await keyOfTag(kms, tenant, generation, wait)) ?? (await createKey(once, tenant, generation, wait));
    await retryableWhileNew(sendKms(wait, (abort) => kms.send(new EnableKeyRotationCommand({ KeyId: id }), abort)));
    const winner = (await retryableWhileNew(createAlias(kms, free, id, wait))) ? id : await keyOfAlias(kms, free, wait);
    if (winner === null) throw keyServiceUnavailable('the alias of the tenant’s key is not to be seen yet');
    // A key whose tags may not be read would not be found again after a crash: another one would be made each time.
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
 * The key that an alias leads to, or an alias that is free for it. A first key has the tenant's own alias until that is
 * led to a later key, and then one like theirs.
 */
async function findKeyByAlias(
  kms: KMSClient,
  tenant: string,
  generation: number,
  wait: Wait,
): Promise<{ readonly there: string; readonly free: null } | { readonly there: null; readonly free: string }> {
  const own = aliasOf(tenant, generation);
  const led = generation === 1 ? await keyOfAlias(kms, aliasOf(tenant), wait) : null;
  const owner = led === null ? null : await retryableWhileNew(keyOwnerOf(kms, led, wait));
  if (led !== null && owner !== null && isOwnedBy(owner, tenant, generation)) return { there: led, free: null };
  const there = await keyOfAlias(kms, own, wait);
  if (there !== null && isOwnedBy(await retryableWhileNew(keyOwnerOf(kms, there, wait)), tenant, generation))
    return { there, free: null };
  if (there !== null || (owner !== null && owner.tenant !== tenant)) throw notTagged();
  return { there: null, free: generation === 1 && led === null ? aliasOf(tenant) : own };
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
  if (arn === undefined) throw keyServiceUnavailable('KMS answered without the new key');
  return arn;
}

/** KMS may not know everywhere yet what it made a moment ago: that a new key is unknown may pass. */
function retryableWhileNew<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    throw isException(error, 'NotFoundException')
      ? keyServiceUnavailable('KMS does not know the key yet', error.cause)
      : error;
  });
}
