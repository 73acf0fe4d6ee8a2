// What a stream's entries say, applied to rows that were rebuilt without them.
import { canonicalBytes, canonicalDigest } from '../../bytes/canonical-json.ts';
import { newIdAfter } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { AmendmentEntry, CommentAmendment } from '../../model/amendments/amendment.ts';
import { foldComments } from '../../model/amendments/fold-comments.ts';
import { foldFacts } from '../../model/amendments/recording-facts.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { policyAfter, tenantAfter } from '../../model/change/settings.ts';
import { foldSettings } from '../../model/change/stream-settings.ts';
import type { Comment } from '../../model/comment.ts';
import { readPolicy } from '../../model/policy/read-policy.ts';
import type { Policy } from '../../model/policy.ts';
import { addQuarantineReason, type Recording } from '../../model/recording.ts';
import { readRules } from '../../model/retention/rules.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { insertPolicy } from '../access/policy-versions.ts';
import { sealCommentText } from '../comments/view.ts';
import { indexValues, noticeRow, withdrawalRow } from '../core/consent/consent-rows.ts';
import { event } from '../core/events/events.ts';
import { openRawFacts } from '../core/facts/raw-facts.ts';
import { storeFacts } from '../core/facts/store-facts.ts';
import { policyInForce } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { insertRules } from '../core/retention/rules-in-force.ts';
import type { Vault } from '../core/vault.ts';
import { beginApplying } from '../retention/apply-rules.ts';

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
  await storeFacts(tx, vault, locked, { before, after, begun: recording.startedAt, cause: 'person' });
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

/** A tenant's row after its stream was applied, and the events of new versions of the policy. */
export type AppliedSettings = { readonly tenant: Tenant; readonly events: readonly NewEvent[] };

/**
 * Applies the settings that this version keeps, to columns of the tenant's locked row, and the versions of the policy.
 * Throws `conflict`, and `format_unknown` for a policy that a later version wrote.
 */
export async function applyToTenant(
  tx: Transaction,
  of: KeyedTenant,
  entries: readonly AmendmentEntry[],
  by: Actor,
  request: Pick<RequestContext, 'req'>,
): Promise<AppliedSettings> {
  const { tenant } = of;
  const to = tenantAfter(foldSettings(entries));
  if (Object.keys(to).length > 0 && !(await tx.tenants.change(tenant, to)))
    throw new VaultError('conflict', 'a concurrent update changed the tenant first');
  const row = Object.keys(to).length > 0 ? { ...tenant, ...to, version: tenant.version + 1 } : tenant;
  const events: NewEvent[] = [];
  for (const { id, policy } of await policiesIn(tx, of, entries)) {
    const { id: from } = await policyInForce(tx, of.metadataKey, tenant.tenant);
    // The newest policy is the one with the greatest id.
    const next = id ?? newIdAfter('pol', from);
    if ((await tx.tenants.policyOf(tenant.tenant, next)) !== null) continue;
    await insertPolicy(tx, of.metadataKey, { tenant: tenant.tenant, id: next, policy, change: null });
    const said = { id: next, from, sha256: canonicalDigest(policy) };
    events.push(event(tenant.tenant, by, 'policy.changed', said, request));
  }
  await applyConsent(tx, of, entries);
  const { tenant: after, events: ofRules } = await applyRetention(tx, { ...of, tenant: row }, entries, by, request);
  return { tenant: after, events: [...events, ...ofRules] };
}

/** Puts the newest version of the retention rules in force again, with those before it that are missing. */
async function applyRetention(
  tx: Transaction,
  { tenant, metadataKey }: KeyedTenant,
  entries: readonly AmendmentEntry[],
  by: Actor,
  request: Pick<RequestContext, 'req'>,
): Promise<AppliedSettings> {
  const events: NewEvent[] = [];
  let from = tenant.retention;
  for (const { at: created, body } of entries) {
    if (body.op !== 'retention') continue;
    const { id } = body;
    if ((await tx.retention.find(tenant.tenant, id)) !== null) continue;
    const rules = readRules(body.body);
    await insertRules(tx, metadataKey, { tenant: tenant.tenant, id, created, change: null, rules });
    const said = { id, ...(from === null ? {} : { from }), sha256: canonicalDigest(rules) };
    events.push(event(tenant.tenant, by, 'retention.changed', said, request));
    if (from === null || id > from) from = id;
  }
  if (from === null || from === tenant.retention) return { tenant, events };
  if (!(await tx.tenants.change(tenant, { retention: from })))
    throw new VaultError('conflict', 'a concurrent update changed the tenant first');
  await beginApplying(tx, tenant.tenant, from, 0);
  return { tenant: { ...tenant, retention: from, version: tenant.version + 1 }, events };
}

/** Inserts the notices and withdrawals that are missing. Work carries each withdrawal to what it reaches, once more. */
async function applyConsent(
  tx: Transaction,
  { tenant: { tenant }, metadataKey }: KeyedTenant,
  entries: readonly AmendmentEntry[],
): Promise<void> {
  for (const { at: created, body } of entries) {
    if (body.op === 'notice') {
      const known = await tx.consent.versionsOf(tenant, body.id);
      if (known.some(({ version, language }) => version === body.version && language === body.language)) continue;
      await tx.consent.insertNotice(noticeRow(metadataKey, { tenant, created }, body));
    }
    if (body.op === 'withdrawal' && (await tx.consent.withdrawal(tenant, body.id)) === null)
      await tx.consent.insertWithdrawal(
        withdrawalRow({ tenant, created, due: created }, body),
        indexValues(body.indexes),
      );
  }
}

/** A version of the policy that entries say; `id` null where they set members of it alone, as older versions wrote. */
type PolicyInEntries = { readonly id: string | null; readonly policy: Policy };

/** The versions in the order of the entries: what members set alone is one version, unless a whole one follows. */
async function policiesIn(
  tx: Transaction,
  { tenant, metadataKey }: KeyedTenant,
  entries: readonly AmendmentEntry[],
): Promise<PolicyInEntries[]> {
  const { policy: before } = await policyInForce(tx, metadataKey, tenant.tenant);
  const whole: PolicyInEntries[] = [];
  let last = before;
  for (const entry of entries) {
    const { body } = entry;
    if (body.op === 'settings') last = policyAfter(last, foldSettings([entry]));
    if (body.op !== 'policy') continue;
    last = readPolicy(canonicalBytes(body.body).toString());
    whole.push({ id: body.id, policy: last });
  }
  const inForce = whole.at(-1)?.policy ?? before;
  return last === inForce ? whole : [...whole, { id: null, policy: last }];
}
