// Idempotency keys in SQL.
import type { ExpressionBuilder, Kysely } from 'kysely';
import { VaultError } from '../../errors.ts';
import type { NewEvent, Receipt } from '../../model/audit-event.ts';
import {
  type IdempotencyClaim,
  type IdempotencyScope,
  REPLY_RETENTION_MS,
  type Reply,
} from '../../model/idempotency.ts';
import type { IdempotencyNotes, IdempotencyRows } from '../../ports/rows/idempotency-rows.ts';
import { replies } from './idempotency-mapping.ts';
import { listColumn, nounOr } from './mapping.ts';
import type { Schema } from './schema.ts';

export function idempotencyRows(db: Kysely<Schema>): IdempotencyRows {
  return {
    find: async ({ tenant, principal, route, key }: IdempotencyScope) => {
      const query = db
        .selectFrom('idempotency')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('principal', '=', principal)
        .where('route', '=', route)
        .where('key', '=', key);
      return nounOr(replies, await query.executeTakeFirst());
    },
  };
}

export function idempotencyNotes(db: Kysely<Schema>): IdempotencyNotes {
  return {
    claim: async (claim, body, now, until) => {
      const { tenant, principal, route, key, owner } = claim;
      const fresh = { owner, body, until, outcome: null, ids: null, seq: null };
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('idempotency')
        .values({ tenant, principal, route, key, ...fresh })
        .onConflict((conflict) =>
          conflict
            .columns(['tenant', 'principal', 'route', 'key'])
            .doUpdateSet(fresh)
            .where('idempotency.until', '<=', now),
        )
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },
    release: async (claim) => {
      const { numDeletedRows } = await db.deleteFrom('idempotency').where(isPendingClaim(claim)).executeTakeFirst();
      return numDeletedRows === 1n;
    },
    forget: async (now) => {
      const { numDeletedRows } = await db.deleteFrom('idempotency').where('until', '<=', now).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}

/**
 * Stores a change's reply in its transaction, on its claim. Throws `idempotency_in_progress` where another attempt has
 * the key: the change must then roll back.
 */
export async function storeReply(
  db: Kysely<Schema>,
  { claim, outcome, ids }: Reply,
  events: readonly NewEvent[],
  receipts: readonly Receipt[],
  now: string,
): Promise<void> {
  const [seq, log] = [receipts[0]?.seq, events[0]?.log];
  if (seq === undefined || log !== claim.tenant) throw new VaultError('internal', 'a reply must have an event');
  const until = new Date(Date.parse(now) + REPLY_RETENTION_MS).toISOString();
  if (!(await updateClaim(db, claim, { outcome, ids: listColumn(ids), seq, until }))) {
    throw new VaultError('idempotency_in_progress', 'another request with this key took over', { retryAfter: 1 });
  }
}

async function updateClaim(
  db: Kysely<Schema>,
  claim: IdempotencyClaim,
  to: Pick<Schema['idempotency'], 'outcome' | 'ids' | 'seq' | 'until'>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('idempotency')
    .set(to)
    .where(isPendingClaim(claim))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Whether the claim is still its owner's and has no reply. */
function isPendingClaim({ tenant, principal, route, key, owner }: IdempotencyClaim) {
  return (eb: ExpressionBuilder<Schema, 'idempotency'>) =>
    eb.and({ tenant, principal, route, key, owner }).and('outcome', 'is', null);
}
