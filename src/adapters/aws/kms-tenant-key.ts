// A tenant's own KMS key: made once, tagged with the tenant's id, rotated every year, found again by alias or tag.
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
} from '@aws-sdk/client-kms';
import { hasCode, VaultError } from '../../errors.ts';
import type { Wait } from '../../ports/object-store.ts';
import { ask } from './kms-clients.ts';
import { isException, unavailable } from './kms-failures.ts';
import { stateOf } from './kms-state.ts';

const TAG = 'vault:tenant';
const ALIASES = 'alias/vault/tenant/';

/**
 * The ARN of a tenant's key. The tag is on the key from the first moment; the alias is given last, to a key that is
 * complete, and only one key can have it. So a key with the alias is done; one with the tag alone was left by a crash
 * or a lost answer and is finished; where two processes made one each, the alias decides and the other is never used.
 * `once` sends without retries: repeating a CreateKey whose answer was lost would make a second key.
 */
export function tenantKeys(kms: KMSClient, once: KMSClient): (tenant: string, wait: Wait) => Promise<string> {
  const queues = new Map<string, Promise<unknown>>();
  const find = async (tenant: string, wait: Wait): Promise<string> => {
    const named = await keyOfAlias(kms, tenant, wait);
    if (named !== null) return named;
    const id = (await keyOfTag(kms, tenant, wait)) ?? (await newKey(once, tenant, wait));
    await fresh(ask(wait, (abort) => kms.send(new EnableKeyRotationCommand({ KeyId: id }), abort)));
    const alias = { AliasName: `${ALIASES}${tenant}`, TargetKeyId: id };
    try {
      await fresh(ask(wait, (abort) => kms.send(new CreateAliasCommand(alias), abort)));
      return id;
    } catch (error) {
      if (!isException(error, 'AlreadyExistsException')) throw error;
      const winner = await keyOfAlias(kms, tenant, wait);
      if (winner === null) throw unavailable('the alias of the tenant’s key is not to be seen yet', error.cause);
      return winner;
    }
  };
  // A key whose tags may not be read would not be found again after a crash: another one would be made each time.
  const tagged = async (tenant: string, wait: Wait): Promise<string> => {
    const id = await find(tenant, wait);
    if (await fresh(isTagged(kms, id, tenant, wait))) return id;
    throw new VaultError('key_refused', 'the key under the tenant’s alias does not have the tenant’s tag');
  };
  return async (tenant, wait) => {
    const turn = (queues.get(tenant) ?? Promise.resolve()).then(() => tagged(tenant, wait));
    const over = turn.catch(() => undefined);
    queues.set(tenant, over);
    try {
      return await turn;
    } finally {
      if (queues.get(tenant) === over) queues.delete(tenant);
    }
  };
}

async function keyOfAlias(kms: KMSClient, tenant: string, wait: Wait): Promise<string | null> {
  try {
    const command = new DescribeKeyCommand({ KeyId: `${ALIASES}${tenant}` });
    const answer = await ask(wait, (abort) => kms.send(command, abort));
    return answer.KeyMetadata?.Arn ?? null;
  } catch (error) {
    if (isException(error, 'NotFoundException')) return null;
    throw error;
  }
}

/** An enabled key with the tenant's tag. KMS cannot search by tag; keys that an alias gives to somebody are passed over. */
async function keyOfTag(kms: KMSClient, tenant: string, wait: Wait): Promise<string | null> {
  const taken = new Set<string | undefined>();
  for await (const page of pages((Marker) =>
    ask(wait, (abort) => kms.send(new ListAliasesCommand({ Marker }), abort)),
  )) {
    for (const { AliasName: name, TargetKeyId: id } of page.Aliases ?? []) {
      if (name?.startsWith(ALIASES) || name?.startsWith('alias/aws/')) taken.add(id);
    }
  }
  for await (const page of pages((Marker) => ask(wait, (abort) => kms.send(new ListKeysCommand({ Marker }), abort)))) {
    for (const { KeyArn: arn, KeyId: id } of page.Keys ?? []) {
      if (arn === undefined || taken.has(id) || !(await hasTag(kms, arn, tenant, wait))) continue;
      if ((await stateOf(kms, arn, wait)) === 'enabled') return arn;
    }
  }
  return null;
}

/** Whether a key has the tag. One whose tags we may not read is not ours. */
function hasTag(kms: KMSClient, id: string, tenant: string, wait: Wait): Promise<boolean> {
  return isTagged(kms, id, tenant, wait).catch((error: unknown) => {
    if (hasCode(error, 'key_refused')) return false;
    throw error;
  });
}

async function isTagged(kms: KMSClient, KeyId: string, tenant: string, wait: Wait): Promise<boolean> {
  const next = (Marker?: string) =>
    ask(wait, (abort) => kms.send(new ListResourceTagsCommand({ KeyId, Marker }), abort));
  for await (const page of pages(next)) {
    if (page.Tags?.some(({ TagKey, TagValue }) => TagKey === TAG && TagValue === tenant)) return true;
  }
  return false;
}

async function newKey(once: KMSClient, tenant: string, wait: Wait): Promise<string> {
  const command = new CreateKeyCommand({
    Description: 'callvault: the key of one tenant',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyUsage: 'ENCRYPT_DECRYPT',
    Tags: [{ TagKey: TAG, TagValue: tenant }],
  });
  const arn = (await ask(wait, (abort) => once.send(command, abort))).KeyMetadata?.Arn;
  if (arn === undefined) throw unavailable('KMS answered without the new key');
  return arn;
}

type Page = { readonly NextMarker?: string | undefined; readonly Truncated?: boolean | undefined };

async function* pages<T extends Page>(next: (marker?: string) => Promise<T>): AsyncGenerator<T> {
  let marker: string | undefined;
  do {
    const page = await next(marker);
    yield page;
    marker = page.Truncated ? page.NextMarker : undefined;
  } while (marker !== undefined);
}

/** KMS may not know everywhere yet what it made a moment ago: that a new key is unknown may pass. */
function fresh<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    throw isException(error, 'NotFoundException') ? unavailable('KMS does not know the key yet', error.cause) : error;
  });
}
