// What a stream's entries say, applied to rows that were rebuilt without them.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { AmendmentEntry, CommentAmendment } from '../../model/amendments/amendment.ts';
import { foldComments } from '../../model/amendments/fold-comments.ts';
import { foldFacts } from '../../model/amendments/recording-facts.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { policyAfter, tenantAfter } from '../../model/change/settings.ts';
import { foldSettings } from '../../model/change/stream-settings.ts';
import type { Comment } from '../../model/comment.ts';
import { addQuarantineReason, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { policyInForce } from '../access/context.ts';
import { sealCommentText } from '../comments/view.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { event } from '../core/events/events.ts';
import { openRawFacts } from '../core/facts/raw-facts.ts';
import { storeFacts } from '../core/facts/store-facts.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** A tenant whose rows are rebuilt: its row is locked. */
export type KeyedTenant = { readonly tenant: Tenant; readonly metadataKey: SecretKey };

/**
 * Applies entries to a locked recording: facts with all that follows from them, and comments. `whole` false quarantines
 * it (`integrity`), at what the entries before the fault say. Throws `conflict`.
 */
export async function applyToRecording(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  { tenant, metadataKey }: KeyedTenant,
  recording: Recording,
  { entries, whole }: { readonly entries: readonly AmendmentEntry[]; readonly whole: boolean },
): Promise<void> {
  const { id, facts: sealed } = recording;
  if (sealed === null) throw new VaultError('conflict', 'a concurrent update erased this recording first');
  const before = openRawFacts(metadataKey, recording, sealed);
  const { facts: after } = foldFacts(id, before, entries);
  const quarantine = whole ? recording.quarantine : addQuarantineReason(recording.quarantine, 'integrity');
  const locked = { tenant, metadataKey, recording: { ...recording, quarantine } };
  await storeFacts(tx, vault, locked, { before, after, begun: recording.startedAt });
  await applyComments(tx, { tenant, metadataKey }, id, entries);
}

/** Replaces the comments that the entries name by what the last entry of each says. */
async function applyComments(
  tx: Transaction,
  { tenant: { tenant }, metadataKey }: KeyedTenant,
  recording: string,
  entries: readonly AmendmentEntry[],
): Promise<void> {
  const named = new Set(entries.flatMap(({ body }) => (body.op === 'comment' ? [body.id] : [])));
  for (const id of named) {
    const existing = await tx.comments.lock(tenant, id);
    if (existing !== null && !(await tx.comments.delete(existing)))
      throw new VaultError('conflict', 'a concurrent update changed this comment first');
  }
  for (const comment of foldComments(entries)) {
    await tx.comments.insert(commentRow(metadataKey, { tenant, recording }, comment));
  }
}

function commentRow(
  metadataKey: SecretKey,
  of: Pick<Comment, 'tenant' | 'recording'>,
  { id, version, author, start_ms, end_ms, category, visibility, created, edited, text }: CommentAmendment,
): Comment {
  return {
    ...{ ...of, id, version, author, category, visibility, created },
    startMs: start_ms,
    endMs: end_ms ?? null,
    edited: edited ?? null,
    words: sealCommentText(metadataKey, { tenant: of.tenant, id }, text),
  };
}

/** A tenant's row after its stream was applied, and the event of a new policy. */
export type AppliedSettings = { readonly tenant: Tenant; readonly events: readonly NewEvent[] };

/**
 * Applies the settings that this version keeps: columns of the tenant's locked row, and a policy with what belongs to it.
 * Throws `conflict`, and `not_available` where this machine's clock is behind the newest policy.
 */
export async function applyToTenant(
  tx: Transaction,
  { tenant, metadataKey }: KeyedTenant,
  entries: readonly AmendmentEntry[],
  by: Actor,
  request: Pick<RequestContext, 'req'>,
): Promise<AppliedSettings> {
  const set = foldSettings(entries);
  const to = tenantAfter(set);
  if (Object.keys(to).length > 0 && !(await tx.tenants.change(tenant, to)))
    throw new VaultError('conflict', 'a concurrent update changed the tenant first');
  const row = Object.keys(to).length > 0 ? { ...tenant, ...to, version: tenant.version + 1 } : tenant;
  const { decide_by_key: byKey, approver_age_hours: age } = set;
  if (byKey === undefined && age === undefined) return { tenant: row, events: [] };
  const { id: from, policy } = await policyInForce(tx, metadataKey, tenant.tenant);
  const id = newId('pol');
  // The newest policy is the one with the greatest id, which begins with the time.
  if (id <= from) throw new VaultError('not_available', "this machine's clock is behind the newest policy");
  const body = canonicalBytes(policyAfter(policy, set)).toString();
  const inForce = { tenant: tenant.tenant, id, created: await tx.now(), body };
  await tx.tenants.insertPolicy(withMac(metadataKey, 'policy', inForce));
  const said = {
    ...(byKey === undefined ? {} : { api_key_decisions: byKey ? ('on' as const) : ('off' as const) }),
    ...(age === undefined ? {} : { approver_age_hours: age }),
  };
  return { tenant: row, events: [event(tenant.tenant, by, 'policy.changed', { id, from, ...said }, request)] };
}
