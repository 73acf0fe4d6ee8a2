// What a stream's entries say, applied to rows that were rebuilt without them.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { AmendmentEntry, CommentAmendment } from '../../model/amendments/amendment.ts';
import { foldComments } from '../../model/amendments/fold-comments.ts';
import { foldSettings } from '../../model/amendments/fold-settings.ts';
import { foldFacts } from '../../model/amendments/recording-facts.ts';
import { isBasisKind } from '../../model/basis.ts';
import type { Comment } from '../../model/comment.ts';
import { addQuarantineReason, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { sealCommentText } from '../comments/view.ts';
import { indexesOf } from '../core/facts/indexes.ts';
import { clearColumnsOf, openRawFacts, quarantineOf } from '../core/facts/raw-facts.ts';
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
  const { facts } = foldFacts(id, openRawFacts(metadataKey, recording, sealed), entries);
  const quarantine = quarantineOf(facts, recording.quarantine);
  const to = {
    ...clearColumnsOf(facts, recording.startedAt),
    quarantine: whole ? quarantine : addQuarantineReason(quarantine, 'integrity'),
    // Envelopes may have added digests since the entries were written: their length was checked then.
    facts: sealColumn(metadataKey, { tenant: tenant.tenant, row: id, column: 'facts' }, canonicalBytes(facts)),
  };
  if (!(await tx.recordings.change(recording, to)))
    throw new VaultError('conflict', 'a concurrent update changed this recording first');
  await tx.recordings.index(tenant.tenant, id, indexesOf(metadataKey, vault.phones, facts, tenant));
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

/** Applies the settings that this version keeps in the tenant's locked row. Returns the row after it. Throws `conflict`. */
export async function applyToTenant(
  tx: Transaction,
  tenant: Tenant,
  entries: readonly AmendmentEntry[],
): Promise<Tenant> {
  const { default_basis: basis, time_zone: zone } = foldSettings(entries);
  const to = {
    ...(typeof basis === 'string' && isBasisKind(basis) ? { defaultBasis: basis } : {}),
    ...(typeof zone === 'string' ? { timeZone: zone } : {}),
  };
  if (Object.keys(to).length === 0) return tenant;
  if (!(await tx.tenants.change(tenant, to)))
    throw new VaultError('conflict', 'a concurrent update changed the tenant first');
  return { ...tenant, ...to, version: tenant.version + 1 };
}
