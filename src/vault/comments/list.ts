// The comments on the recording of a live session: the team's, and the reader's own.
import type { CommentCursor } from '../../model/comment.ts';
import type { Caller } from '../../model/principal.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { liveSession } from '../listening/live-session.ts';
import { type CommentView, commentViews } from './view.ts';

/** A page, in the order of the call. The first look in five minutes is an event. Throws as `liveSession`. */
export async function listComments(
  vault: Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'sessionKeys'>,
  by: Caller,
  session: string,
  after: CommentCursor | null,
  limit: number,
  request: RequestContext,
): Promise<CommentView[]> {
  const { tenant, recording } = await liveSession(vault, by, session, request);
  const object = { id: recording.id, why: 'comments' } as const;
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'comment.read', object }, request);
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  return vault.db.read(async (rows) => {
    const found = await rows.comments.page(by.tenant, recording.id, by.principal, after, limit);
    return commentViews(rows, metadataKey, by.tenant, found);
  }, request);
}
