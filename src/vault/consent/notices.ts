// Notices that callers hear: each version of a text, in its languages. What a basis names stays as it was given.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import type { Caller } from '../../model/principal.ts';
import type { Notice } from '../../ports/rows/consent-rows.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { openNoticeText } from '../core/consent/consent-rows.ts';
import { type NewNotice, writeNotice } from '../core/consent/write-notice.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf, presentedCredential } from '../core/events/events.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'replayGate'>;

/** The notice and version that a basis names. */
export type AddedNotice = {
  readonly id: string;
  readonly version: number;
  readonly receipt: Receipt | undefined;
};

/**
 * Adds a text. Throws `not_found` for an unknown notice or version, `conflict` where the version has a text in this
 * language, and `unauthenticated` where the caller's credential ended.
 */
export async function addNotice(
  vault: Deps,
  by: Caller,
  wanted: NewNotice,
  request: RequestContext,
): Promise<AddedNotice> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    const { tenant } = requireActive(await tx.tenants.lock(by.tenant));
    const author = { by: actorOf(by), credential: presentedCredential(by) };
    const { place, written } = await writeNotice(vault, tx, { tenant, metadataKey }, author, wanted, request);
    return { result: place, events: [written], ...replyToStore(request, 'created', place.id) };
  }, request);
  return { ...result, receipt: receipts[0] };
}

/** The first result of `addNotice`, for a repeated request: its event names the version. */
export async function replayAddedNotice(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  { ids, receipt }: StoredOutcome,
  request: RequestContext,
): Promise<AddedNotice> {
  const id = findId(ids, 'ntc') ?? '';
  const from = receipt?.seq ?? 0;
  const [added] = await vault.db.read((rows) => rows.log.events(by.tenant, from, 1), request);
  const version = added === undefined ? undefined : readLeaf(added.leaf)?.object['version'];
  return { id, version: Number(version ?? 1), receipt };
}

/** A version of a notice with its text. */
export type NoticeView = Omit<Notice, 'tenant' | 'text'> & { readonly text: string };

/** All versions of the tenant's notices, newest first. Throws `integrity`. */
export async function listNotices(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  request: RequestContext,
): Promise<readonly NoticeView[]> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const found = await vault.db.read((rows) => rows.consent.notices(by.tenant), request);
  const object = { type: 'notices', id: by.tenant } as const;
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'change.read', object }, request);
  return found.map((notice) => viewOf(metadataKey, notice));
}

function viewOf(metadataKey: SecretKey, notice: Notice): NoticeView {
  const { tenant, ...rest } = notice;
  return { ...rest, text: openNoticeText(metadataKey, notice) };
}
