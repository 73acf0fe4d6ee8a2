// What a replayed entry changes in the rows of its subject, by its op.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Amendment, CommentAmendment, CommentRemoval, FactsAmendment } from '../../model/amendments/amendment.ts';
import { mergeObject } from '../../model/amendments/merge-patch.ts';
import type { Comment } from '../../model/comment.ts';
import { isErased } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { sealCommentText } from '../comments/view.ts';
import { openRawFacts } from '../core/facts/raw-facts.ts';
import { storeFacts } from '../core/facts/store-facts.ts';
import type { Vault } from '../core/vault.ts';

/** Whose rows change: they are locked. */
export type ReplayedSubject = { readonly tenant: Tenant; readonly subject: string; readonly metadataKey: SecretKey };

/** Ops that this version has rows for. What adds rows for another op adds it here, and to `applyEntry`. */
const APPLIED: readonly Amendment['op'][] = ['facts', 'comment'];

/** Whether this version has rows for what an entry says. */
export function hasRowsFor({ op }: Amendment): boolean {
  return APPLIED.includes(op);
}

/** Applies an entry to the rows of its subject. Throws `erased` where the recording was erased meanwhile. */
export async function applyEntry(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  of: ReplayedSubject,
  body: Amendment,
): Promise<void> {
  switch (body.op) {
    case 'facts':
      return applyFacts(tx, vault, of, body);
    case 'comment':
      return applyComment(tx, of, body);
    default:
      throw new VaultError('internal', 'an entry without rows was about to be replayed');
  }
}

async function applyFacts(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  { tenant, subject, metadataKey }: ReplayedSubject,
  { set }: FactsAmendment,
): Promise<void> {
  const recording = await tx.recordings.lock(tenant.tenant, subject);
  if (recording === null || recording.facts === null || isErased(recording))
    throw new VaultError('erased', 'this recording was erased');
  const before = openRawFacts(metadataKey, recording, recording.facts);
  const facts = { before, after: mergeObject(before, set), begun: recording.startedAt };
  await storeFacts(tx, vault, { tenant, metadataKey, recording }, facts);
}

async function applyComment(
  tx: Transaction,
  { tenant: { tenant }, subject, metadataKey }: ReplayedSubject,
  body: CommentAmendment | CommentRemoval,
): Promise<void> {
  const existing = await tx.comments.lock(tenant, body.id);
  if (existing !== null && existing.recording !== subject)
    throw new VaultError('integrity', 'another recording has a comment of this id');
  if (existing !== null && !(await tx.comments.delete(existing)))
    throw new VaultError('conflict', 'a concurrent update changed this comment first');
  if (!('text' in body)) return;
  const { id, version, author, category, visibility, created } = body;
  const comment: Comment = {
    ...{ tenant, id, version, recording: subject, author, category, visibility, created },
    startMs: body.start_ms,
    endMs: body.end_ms ?? null,
    edited: body.edited ?? null,
    words: sealCommentText(metadataKey, { tenant, id }, body.text),
  };
  await tx.comments.insert(comment);
}
