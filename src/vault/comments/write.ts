// Adding, changing and removing the caller's own comments, within a live session and each with its event.
import { newId } from '../../bytes/ids.ts';
import type { StreamId } from '../../envelope/amendments/entry-name.ts';
import { VaultError } from '../../errors.ts';
import type { EventOf, Receipt } from '../../model/audit-event.ts';
import { type Comment, MAX_COMMENTS, mayReadComment } from '../../model/comment.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased } from '../../model/recording.ts';
import type { Transaction } from '../../ports/database.ts';
import { writeEntry } from '../core/amendments/write-entry.ts';
import { requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, event } from '../core/events/events.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore, requireStillExists } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type LiveSession, liveSession } from '../listening/live-session.ts';
import { commentEntry, removalEntry } from './entry.ts';
import { type CommentView, commentViews, sealCommentText } from './view.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'sessionKeys' | 'replayGate'>;

/** The input of a comment. */
export type CommentInput = Pick<Comment, 'startMs' | 'endMs' | 'category' | 'visibility'> & { readonly text: string };

/** A comment after a change, and the receipt of that change. */
export type CommentResult = CommentView & { readonly receipt: Receipt | undefined };

/**
 * Adds a comment. Throws as `liveSession`, `malformed` beyond the call's end, `conflict` where the recording has 1,000.
 */
export async function addComment(
  vault: Deps,
  by: Caller,
  session: string,
  said: CommentInput,
  request: RequestContext,
): Promise<CommentResult> {
  const live = await sessionForComment(vault, by, session, said, request);
  const metadataKey = await vault.metadataKeys.get(live.tenant, request);
  const { text, ...rest } = said;
  const { result, receipts } = await vault.db.change(async (tx) => {
    await lockWriterAndRecording(tx, by, live);
    const { tenant, recording } = live.session;
    if ((await tx.comments.count(tenant, recording)) >= MAX_COMMENTS) {
      throw new VaultError('conflict', `a recording has at most ${MAX_COMMENTS} comments`);
    }
    const id = newId('cmt');
    const words = sealCommentText(metadataKey, { tenant, id }, text);
    const of = { tenant, id, version: 1, recording, author: by.principal };
    const comment: Comment = { ...of, ...rest, words, created: await tx.now(), edited: null };
    await tx.comments.insert(comment);
    const made = commentEvent('comment.added', by, live, comment, request);
    const written = await writeEntry(vault, tx, metadataKey, streamOf(live), made, commentEntry(comment, text));
    return { result: comment, events: [written], ...replyToStore(request, 'created', id) };
  }, request);
  return { ...(await readCommentView(vault, live, result, request)), receipt: receipts[0] };
}

/**
 * The first result of `addComment`, for a repeated request, with the comment's current state. Throws `not_found` where
 * it was deleted.
 */
export async function replayAddedComment(
  vault: Deps,
  by: Caller,
  session: string,
  told: StoredOutcome,
  request: RequestContext,
): Promise<CommentResult> {
  const live = await liveSession(vault, by, session, request);
  const id = findId(told.ids, 'cmt') ?? '';
  const comment = requireStillExists(await vault.db.read((rows) => rows.comments.find(by.tenant, id), request));
  return { ...(await readCommentView(vault, live, comment, request)), receipt: told.receipt };
}

/** Changes the caller's own comment. Throws as `addComment`, `not_found`, `forbidden` for another person's. */
export async function changeComment(
  vault: Deps,
  by: Caller,
  session: string,
  id: string,
  said: CommentInput,
  request: RequestContext,
): Promise<CommentResult> {
  const live = await sessionForComment(vault, by, session, said, request);
  const metadataKey = await vault.metadataKeys.get(live.tenant, request);
  const { text, ...rest } = said;
  const { result, receipts } = await vault.db.change(async (tx) => {
    await lockWriterAndRecording(tx, by, live);
    const comment = await lockOwnComment(tx, by, live, id);
    const to = { ...rest, words: sealCommentText(metadataKey, comment, text), edited: await tx.now() };
    if (!(await tx.comments.change(comment, to)))
      throw new VaultError('conflict', 'a concurrent update changed this comment first');
    const changed = { ...comment, ...to, version: comment.version + 1 };
    // Readers of the earlier version do not learn what became of it.
    const quieter = { ...changed, visibility: comment.visibility === 'private' ? comment.visibility : to.visibility };
    const made = commentEvent('comment.changed', by, live, quieter, request);
    const written = await writeEntry(vault, tx, metadataKey, streamOf(live), made, commentEntry(changed, text));
    return { result: changed, events: [written] };
  }, request);
  return { ...(await readCommentView(vault, live, result, request)), receipt: receipts[0] };
}

/** Removes the caller's own comment. Throws as `changeComment`. */
export async function removeComment(
  vault: Deps,
  by: Caller,
  session: string,
  id: string,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const live = await liveSession(vault, by, session, request);
  const metadataKey = await vault.metadataKeys.get(live.tenant, request);
  const { receipts } = await vault.db.change(async (tx) => {
    await lockWriterAndRecording(tx, by, live);
    const comment = await lockOwnComment(tx, by, live, id);
    if (!(await tx.comments.delete(comment)))
      throw new VaultError('conflict', 'a concurrent update changed this comment first');
    const made = commentEvent('comment.removed', by, live, comment, request);
    const written = await writeEntry(vault, tx, metadataKey, streamOf(live), made, removalEntry(comment));
    return { result: undefined, events: [written] };
  }, request);
  return receipts[0];
}

/** The live session for a comment; throws `malformed` where the comment is not within the call. */
async function sessionForComment(
  vault: Deps,
  by: Caller,
  session: string,
  { startMs, endMs }: CommentInput,
  request: RequestContext,
): Promise<LiveSession> {
  const live = await liveSession(vault, by, session, request);
  const { durationMs } = live.recording;
  const late = (at: number | null): boolean => at !== null && durationMs !== null && at > durationMs;
  const fields = [
    ...(late(startMs) ? [{ pointer: '/start_ms', detail: 'is after the end of the call' }] : []),
    ...(late(endMs) ? [{ pointer: '/end_ms', detail: 'is after the end of the call' }] : []),
  ];
  if (fields.length > 0) throw new VaultError('malformed', 'the comment is not within the call', { fields });
  return live;
}

/** The stream that a comment's entries are in. */
function streamOf({ session }: LiveSession): StreamId {
  return { tenant: session.tenant, subject: session.recording };
}

/** Locks the writer, the tenant and the recording against concurrent changes, and checks the session again. */
async function lockWriterAndRecording(tx: Transaction, by: Caller, { session }: LiveSession): Promise<void> {
  // `liveSession` has just checked the MACs.
  await requireLiveCallerWithoutMac(tx, by);
  await lockActiveTenant(tx, session.tenant);
  const recording = await tx.recordings.lock(session.tenant, session.recording);
  if (recording === null || isErased(recording)) throw new VaultError('erased', 'this recording was erased');
  const now = await tx.sessions.find(session.tenant, session.id);
  if (now?.state !== 'LIVE') throw new VaultError('session_ended', 'the session has ended');
}

async function lockOwnComment(tx: Transaction, by: Caller, { session }: LiveSession, id: string): Promise<Comment> {
  const comment = await tx.comments.lock(by.tenant, id);
  if (comment === null || comment.recording !== session.recording || !mayReadComment(comment, by.principal)) {
    throw new VaultError('not_found', 'there is no such comment');
  }
  if (comment.author !== by.principal) throw new VaultError('forbidden', 'only the author of a comment can change it');
  return comment;
}

function commentEvent(
  action: 'comment.added' | 'comment.changed' | 'comment.removed',
  by: Caller,
  { session }: LiveSession,
  { id, recording, visibility }: Comment,
  request: RequestContext,
): EventOf<'comment.added' | 'comment.changed' | 'comment.removed'> {
  const object = { id, recording, session: session.id, visibility };
  return event(by.tenant, actorOf(by), action, object, request);
}

async function readCommentView(
  vault: Deps,
  { tenant }: LiveSession,
  comment: Comment,
  request: RequestContext,
): Promise<CommentView> {
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const [view] = await vault.db.read((rows) => commentViews(rows, metadataKey, comment.tenant, [comment]), request);
  if (view === undefined) throw new VaultError('internal', 'a comment without a view');
  return view;
}
