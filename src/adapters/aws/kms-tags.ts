// Tags of KMS keys: the tenant and the generation, and finding a key by them.
import {
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  type Tag,
} from '@aws-sdk/client-kms';
import { hasCode } from '../../errors.ts';
import type { Wait } from '../../ports/object-store.ts';
import { sendKms } from './kms-clients.ts';
import { stateOf } from './kms-state.ts';

const TENANT_TAG = 'vault:tenant';
/** A tenant's first key has no such tag: versions without rotation created it. */
const GENERATION_TAG = 'vault:generation';

/** Prefix of the aliases of tenants' keys. */
export const ALIAS_PREFIX = 'alias/vault/tenant/';

/** The owner of a key by its tags; `tenant` is undefined for a foreign key. */
export type KeyOwner = { readonly tenant: string | undefined; readonly generation: string };

/** The tags of a tenant's key of this generation. */
export function tagsFor(tenant: string, generation: number): Tag[] {
  const tenantTag = { TagKey: TENANT_TAG, TagValue: tenant };
  return generation === 1 ? [tenantTag] : [tenantTag, { TagKey: GENERATION_TAG, TagValue: String(generation) }];
}

/** Throws `key_refused` for a key whose tags may not be read. */
export async function keyOwnerOf(kms: KMSClient, id: string, wait: Wait): Promise<KeyOwner> {
  const tags = new Map<string | undefined, string | undefined>();
  const next = (Marker?: string) =>
    sendKms(wait, (abort) => kms.send(new ListResourceTagsCommand({ KeyId: id, Marker }), abort));
  for await (const page of pagesOfKms(next))
    for (const { TagKey, TagValue } of page.Tags ?? []) tags.set(TagKey, TagValue);
  return { tenant: tags.get(TENANT_TAG), generation: tags.get(GENERATION_TAG) ?? '1' };
}

/** Whether the tags name this tenant and generation. */
export function isOwnedBy(owner: KeyOwner, tenant: string, generation: number): boolean {
  return owner.tenant === tenant && owner.generation === String(generation);
}

/** An enabled key with these tags. KMS cannot search by tag; keys that have an alias of a tenant are skipped. */
export async function keyOfTag(kms: KMSClient, tenant: string, generation: number, wait: Wait): Promise<string | null> {
  const taken = new Set<string | undefined>();
  for await (const page of pagesOfKms((Marker) =>
    sendKms(wait, (abort) => kms.send(new ListAliasesCommand({ Marker }), abort)),
  )) {
    for (const { AliasName: name, TargetKeyId: id } of page.Aliases ?? []) {
      if (name?.startsWith(ALIAS_PREFIX) || name?.startsWith('alias/aws/')) taken.add(id);
    }
  }
  for await (const page of pagesOfKms((Marker) =>
    sendKms(wait, (abort) => kms.send(new ListKeysCommand({ Marker }), abort)),
  )) {
    for (const { KeyArn: arn, KeyId: id } of page.Keys ?? []) {
      if (arn === undefined || taken.has(id) || !isOwnedBy(await ownerIfReadable(kms, arn, wait), tenant, generation))
        continue;
      if ((await stateOf(kms, arn, wait)) === 'enabled') return arn;
    }
  }
  return null;
}

/** Treats a key whose tags may not be read as foreign. */
function ownerIfReadable(kms: KMSClient, id: string, wait: Wait): Promise<KeyOwner> {
  return keyOwnerOf(kms, id, wait).catch((error: unknown) => {
    if (hasCode(error, 'key_refused')) return { tenant: undefined, generation: '1' };
    throw error;
  });
}

type KmsPage = { readonly NextMarker?: string | undefined; readonly Truncated?: boolean | undefined };

async function* pagesOfKms<T extends KmsPage>(next: (marker?: string) => Promise<T>): AsyncGenerator<T> {
  let marker: string | undefined;
  do {
    const page = await next(marker);
    yield page;
    marker = page.Truncated ? page.NextMarker : undefined;
  } while (marker !== undefined);
}
