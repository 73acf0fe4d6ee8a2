// KMS aliases: those that let callvault find the keys it created, and the one that shows people a tenant's key.
import {
  CreateAliasCommand,
  DescribeKeyCommand,
  type KMSClient,
  ListAliasesCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import type { Wait } from '../../ports/object-store.ts';
import { sendKms } from './kms-clients.ts';
import { isException } from './kms-failures.ts';
import { ALIAS_PREFIX, isOwnedBy, keyOwnerOf } from './kms-tags.ts';

/** The alias of the current key; each later key also has its own, and the first gets one when it is replaced. */
export function aliasOf(tenant: string, generation?: number): string {
  return generation === undefined ? `${ALIAS_PREFIX}${tenant}` : `${ALIAS_PREFIX}${tenant}/${generation}`;
}

/** The key that an alias points to; null where there is no such alias. */
export async function keyOfAlias(kms: KMSClient, alias: string, wait: Wait): Promise<string | null> {
  try {
    const answer = await sendKms(wait, (abort) => kms.send(new DescribeKeyCommand({ KeyId: alias }), abort));
    return answer.KeyMetadata?.Arn ?? null;
  } catch (error) {
    if (isException(error, 'NotFoundException')) return null;
    throw error;
  }
}

/** Creates an alias for a key. Returns false where the alias exists, whatever it points to. */
export async function createAlias(kms: KMSClient, alias: string, id: string, wait: Wait): Promise<boolean> {
  const command = new CreateAliasCommand({ AliasName: alias, TargetKeyId: id });
  try {
    await sendKms(wait, (abort) => kms.send(command, abort));
    return true;
  } catch (error) {
    if (isException(error, 'AlreadyExistsException')) return false;
    throw error;
  }
}

/**
 * Points the tenant's alias at this key. If that replaces the first key, the first key gets its own alias before, so that
 * callvault can still find it. An alias can only point to keys of its account and Region: for a key of another account
 * this does nothing.
 */
export async function pointTenantAlias(kms: KMSClient, tenant: string, id: string, wait: Wait): Promise<void> {
  if (!(await isInOwnAccount(kms, id, wait))) return;
  const alias = aliasOf(tenant);
  const named = await keyOfAlias(kms, alias, wait);
  if (named === null && (await createAlias(kms, alias, id, wait))) return;
  if (named !== null && named !== id && isOwnedBy(await keyOwnerOf(kms, named, wait), tenant, 1)) {
    await createAlias(kms, aliasOf(tenant, 1), named, wait);
  }
  await sendKms(wait, (abort) => kms.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: id }), abort));
}

/** Whether a key belongs to the account of the credentials. The list of every account includes AWS's own aliases. */
export async function isInOwnAccount(kms: KMSClient, id: string, wait: Wait): Promise<boolean> {
  const { Aliases = [] } = await sendKms(wait, (abort) => kms.send(new ListAliasesCommand({}), abort));
  const ours = accountOf(Aliases[0]?.AliasArn);
  return ours === undefined || ours === accountOf(id);
}

function accountOf(arn: string | undefined): string | undefined {
  return arn?.split(':')[4];
}
