// Idempotency keys in SQL.
import type { ExpressionBuilder } from 'kysely';
import { VaultError } from '../../errors.ts';
import type { NewEvent, Receipt } from '../../model/audit-event.ts';
import {
  type IdempotencyClaim,
  type IdempotencyScope,
  REPLY_RETENTION_MS,
  type Reply,
} from '../../model/idempotency.ts';
import type { IdempotencyNotes, IdempotencyRows } from '../../ports/rows/idempotency-rows.ts';
import type { Connection } from './connection.ts';
import { replies } from './idempotency-mapping.ts';
import { listColumn, nounOr } from './mapping.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

type StoredReply = Pick<Schema['idempotency'], 'outcome' | 'ids' | 'seq' | 'until'>;

const find = query((db, { tenant, principal, route, key }: IdempotencyScope) =>
  db
    .selectFrom('idempotency')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('principal', '=', principal)
    .where('route', '=', route)
    .where('key', '=', key),
);
const claimKey = query((db, claim: IdempotencyClaim, body: Uint8Array, now: string, until: string) => {
  const { tenant, principal, route, key, owner } = claim;
  const fresh = { owner, body, until, outcome: null, ids: null, seq: null };
  return db
    .insertInto('idempotency')
    .values({ tenant, principal, route, key, ...fresh })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'principal', 'route', 'key'])
        .doUpdateSet(fresh)
        .where('idempotency.until', '<=', now),
    );
});
const release = query((db, claim: IdempotencyClaim) => db.deleteFrom('idempotency').where(isPendingClaim(claim)));
/** Up to the time of the last of `limit` rows, as challenges are forgotten. */
const forget = query((db, now: string, limit: number) => {
  const all = db.selectFrom('idempotency').where('until', '<=', now);
  const oldest = all.select('until').orderBy('until').limit(limit).as('oldest');
  return db
    .deleteFrom('idempotency')
    .where('until', '<=', (eb) => eb.selectFrom(oldest).select(({ fn }) => fn.max('until').as('last')));
});
const store = query((db, claim: IdempotencyClaim, reply: StoredReply) =>
  db.updateTable('idempotency').set(reply).where(isPendingClaim(claim)),
);

export function idempotencyRows(db: Connection): IdempotencyRows {
  return { find: async (scope) => nounOr(replies, await db.first(find(scope))) };
}

export function idempotencyNotes(db: Connection): IdempotencyNotes {
  return {
    claim: async (claim, body, now, until) => (await db.run(claimKey(claim, body, now, until))) === 1,
    release: async (claim) => (await db.run(release(claim))) === 1,
    forget: (now, limit) => db.run(forget(now, limit)),
  };
}

/**
 * Stores a change's reply in its transaction, on its claim. Throws `idempotency_in_progress` where another attempt has
 * the key: the change must then roll back.
 */
export async function storeReply(
  db: Connection,
  { claim, outcome, ids }: Reply,
  events: readonly NewEvent[],
  receipts: readonly Receipt[],
  now: string,
): Promise<void> {
  const [seq, log] = [receipts[0]?.seq, events[0]?.log];
  if (seq === undefined || log !== claim.tenant) throw new VaultError('internal', 'a reply must have an event');
  const until = new Date(Date.parse(now) + REPLY_RETENTION_MS).toISOString();
  if ((await db.run(store(claim, { outcome, ids: listColumn(ids), seq, until }))) === 1) return;
  throw new VaultError('idempotency_in_progress', 'another request with this key took over', { retryAfter: 1 });
}

/** Whether the claim is still its owner's and has no reply. */
function isPendingClaim({ tenant, principal, route, key, owner }: IdempotencyClaim) {
  return (eb: ExpressionBuilder<Schema, 'idempotency'>) =>
    eb.and({ tenant, principal, route, key, owner }).and('outcome', 'is', null);
}
