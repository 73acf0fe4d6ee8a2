// The tags that say whose a KMS key is and which of the tenant's keys, and finding a key by them.
import {
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  type Tag,
} from '@aws-sdk/client-kms';
import { hasCode } from '../../errors.ts';
import type { Wait } from '../../ports/object-store.ts';
import { ask } from './kms-clients.ts';
import { stateOf } from './kms-state.ts';

const TENANT = 'vault:tenant';
/** A tenant's first key has no such tag: it was made before there were others. */
const GENERATION = 'vault:generation';

/** The names of tenants' keys begin so. */
export const ALIASES = 'alias/vault/tenant/';

/** Whose a key is by its tags; `tenant` is undefined where it is nobody's. */
export type Owner = { readonly tenant: string | undefined; readonly generation: string };

/** The tags of a tenant's key of this generation. */
export function tagsFor(tenant: string, generation: number): Tag[] {
  const whose = { TagKey: TENANT, TagValue: tenant };
  return generation === 1 ? [whose] : [whose, { TagKey: GENERATION, TagValue: String(generation) }];
}

/** Throws `key_refused` for a key whose tags we may not read. */
export async function ownerOf(kms: KMSClient, id: string, wait: Wait): Promise<Owner> {
  const tags = new Map<string | undefined, string | undefined>();
  const next = (Marker?: string) =>
    ask(wait, (abort) => kms.send(new ListResourceTagsCommand({ KeyId: id, Marker }), abort));
  for await (const page of pages(next)) for (const { TagKey, TagValue } of page.Tags ?? []) tags.set(TagKey, TagValue);
  return { tenant: tags.get(TENANT), generation: tags.get(GENERATION) ?? '1' };
}

/** Whether the owner is this tenant, and the key that of this generation. */
export function isOf(owner: Owner, tenant: string, generation: number): boolean {
  return owner.tenant === tenant && owner.generation === String(generation);
}

/** An enabled key with these tags. KMS cannot search by tag; keys that an alias gives to somebody are passed over. */
export async function keyOfTag(kms: KMSClient, tenant: string, generation: number, wait: Wait): Promise<string | null> {
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
      if (arn === undefined || taken.has(id) || !isOf(await seenOwner(kms, arn, wait), tenant, generation)) continue;
      if ((await stateOf(kms, arn, wait)) === 'enabled') return arn;
    }
  }
  return null;
}

/** One whose tags we may not read is not ours. */
function seenOwner(kms: KMSClient, id: string, wait: Wait): Promise<Owner> {
  return ownerOf(kms, id, wait).catch((error: unknown) => {
    if (hasCode(error, 'key_refused')) return { tenant: undefined, generation: '1' };
    throw error;
  });
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
