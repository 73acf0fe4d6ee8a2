// Names of KMS keys: the aliases by which we find the keys we made, and the one by which people find a tenant's key.
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

/** The alias that leads to the key in use, from the first key on; each key has one of its own beside it, the first once it needs it. */
export function aliasOf(tenant: string, generation?: number): string {
  return generation === undefined ? `${ALIAS_PREFIX}${tenant}` : `${ALIAS_PREFIX}${tenant}/${generation}`;
}

/** The key that an alias leads to, or null where there is no such alias. */
export async function keyOfAlias(kms: KMSClient, alias: string, wait: Wait): Promise<string | null> {
  try {
    const answer = await sendKms(wait, (abort) => kms.send(new DescribeKeyCommand({ KeyId: alias }), abort));
    return answer.KeyMetadata?.Arn ?? null;
  } catch (error) {
    if (isException(error, 'NotFoundException')) return null;
    throw error;
  }
}

/** Gives a key a new alias. Returns false where there is one of that name, wherever it leads. */
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
 * Leads the tenant's alias to this key. A first key that it leads away from gets an alias of its own before, by which it
 * is found again. An alias can lead to keys of its own account and Region alone: for a key of another account nothing is
 * done, and the alias goes on leading where it led.
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

/** Whether a key lies in the account whose credentials we have. AWS's own aliases are in the list of every account. */
export async function isInOwnAccount(kms: KMSClient, id: string, wait: Wait): Promise<boolean> {
  const { Aliases = [] } = await sendKms(wait, (abort) => kms.send(new ListAliasesCommand({}), abort));
  const ours = accountOf(Aliases[0]?.AliasArn);
  return ours === undefined || ours === accountOf(id);
}

function accountOf(arn: string | undefined): string | undefined {
  return arn?.split(':')[4];
}
