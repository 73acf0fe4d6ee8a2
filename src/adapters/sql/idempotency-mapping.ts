// Idempotency keys and their columns.
import type { IdempotencyClaim, IdempotencyRecord, ReplyOutcome, StoredReply } from '../../model/idempotency.ts';
import { listIn } from './mapping.ts';

/** While nothing came of a claim, `outcome`, `ids` and `seq` are null. */
export type IdempotencyColumns = IdempotencyClaim & {
  readonly body: Uint8Array;
  readonly until: string;
  readonly outcome: ReplyOutcome | null;
  readonly ids: string | null;
  readonly seq: number | null;
};

/** Written column by column: a claim, and later what came of it. */
export const replies = {
  toNoun: (columns: IdempotencyColumns): IdempotencyRecord => ({
    tenant: columns.tenant,
    principal: columns.principal,
    route: columns.route,
    key: columns.key,
    owner: columns.owner,
    body: columns.body,
    until: columns.until,
    reply: replyIn(columns),
  }),
};

function replyIn({ outcome, ids, seq }: IdempotencyColumns): StoredReply | null {
  return outcome === null || seq === null ? null : { outcome, ids: listIn(ids ?? ''), seq };
}
