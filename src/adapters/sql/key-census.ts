// Counts of wrapped keys in SQL, some thousands at a time: a count of millions in one statement would block others.
import { sql } from 'kysely';
import type { CensusLine, CountedKeys, KeyPosition } from '../../ports/rows/wrapped-key-rows.ts';
import type { Connection } from './connection.ts';
import { literal, literals, withoutIndex } from './literals.ts';
import { query } from './query.ts';

const MOST_COUNTED = 10_000;
/** After every id of a deposit. */
const LAST = literal('~');

type KeyGroup = Pick<KeyPosition, 'scheme' | 'keyId' | 'wrap'>;

const keys = sql<number>`count(*)`.as('keys');
const envelopesBehind = sql<number>`coalesce(sum(case when envelope_wrap < wrap then 1 else 0 end), 0)`.as(
  'envelopesBehind',
);

const firstGroup = query((db, tenant: string) =>
  db
    .selectFrom('wrappedKey')
    .select(['scheme', 'keyId', 'wrap'])
    .where('tenant', '=', tenant)
    .orderBy('scheme')
    .orderBy('keyId')
    .orderBy('wrap')
    .limit(1),
);
const groupAfter = query((db, tenant: string, scheme: string, keyId: string, wrap: number) =>
  db
    .selectFrom('wrappedKey')
    .select(['scheme', 'keyId', 'wrap'])
    .where('tenant', '=', tenant)
    // SQLite reads every row that is equal in a comparison of rows: none is, in its deposit.
    .where(sql<boolean>`(scheme, key_id, wrap, deposit) > (${scheme}, ${keyId}, ${wrap}, ${LAST})`)
    .orderBy('scheme')
    .orderBy('keyId')
    .orderBy('wrap')
    .limit(1),
);
const keysAfter = query((db, tenant: string, { scheme, keyId, wrap }: KeyGroup, deposit: string) =>
  db
    .selectFrom(
      db
        .selectFrom('wrappedKey')
        .select(['deposit', 'wrap', 'envelopeWrap'])
        .where('tenant', '=', tenant)
        .where('scheme', '=', scheme)
        .where('keyId', '=', keyId)
        .where('wrap', '=', wrap)
        .where('deposit', '>', deposit)
        .orderBy('deposit')
        .limit(MOST_COUNTED)
        .as('some'),
    )
    .select([keys, envelopesBehind, ({ fn }) => fn.max('deposit').as('deposit')]),
);
const unsettledKeys = query((db, tenant: string) =>
  db
    .selectFrom('wrappedKey')
    .innerJoin('deposit', 'deposit.id', 'wrappedKey.deposit')
    .select(['scheme', 'keyId', 'wrap', 'state', keys, envelopesBehind])
    .where('wrappedKey.tenant', '=', tenant)
    // SQLite would read all deposits of the tenant instead of the few in these states.
    .where(withoutIndex('deposit.tenant'), '=', tenant)
    .where('state', 'in', literals('UPLOADING', 'COMMITTING', 'ABORTING'))
    .groupBy(['scheme', 'keyId', 'wrap', 'state']),
);

/** As the port's `countKeys`. */
export async function countKeys(
  db: Connection,
  tenant: string,
  after: KeyPosition | null,
): Promise<CountedKeys | null> {
  if (after !== null) {
    const more = await countGroup(db, tenant, after, after.deposit);
    if (more !== null) return more;
  }
  const group = await db.first(
    after === null ? firstGroup(tenant) : groupAfter(tenant, after.scheme, after.keyId, after.wrap),
  );
  return group === undefined ? null : countGroup(db, tenant, group, '');
}

async function countGroup(
  db: Connection,
  tenant: string,
  { scheme, keyId, wrap }: KeyGroup,
  after: string,
): Promise<CountedKeys | null> {
  const { deposit, ...counts } = await db.one(keysAfter(tenant, { scheme, keyId, wrap }, after));
  return deposit === null ? null : { scheme, keyId, wrap, deposit, ...counts };
}

/** As the port's `countUnsettled`. */
export function countUnsettled(db: Connection, tenant: string): Promise<CensusLine[]> {
  return db.all(unsettledKeys(tenant));
}
