// The key census in SQL: counts wrapped keys by key and generation, without a join over all deposits.
import { sql } from 'kysely';
import type { CensusLine } from '../../ports/rows/wrapped-key-rows.ts';
import type { Connection } from './connection.ts';
import { literals } from './literals.ts';
import { query } from './query.ts';

const keys = sql<number>`count(*)`.as('keys');
const envelopesBehind = sql<number>`sum(case when envelope_wrap < wrap then 1 else 0 end)`.as('envelopesBehind');

const allKeys = query((db, tenant: string) =>
  db
    .selectFrom('wrappedKey')
    .select(['scheme', 'keyId', 'wrap', keys, envelopesBehind])
    .where('tenant', '=', tenant)
    .groupBy(['scheme', 'keyId', 'wrap']),
);
const keysOfOthers = query((db, tenant: string) =>
  db
    .selectFrom('wrappedKey')
    .innerJoin('deposit', (join) =>
      join.onRef('deposit.tenant', '=', 'wrappedKey.tenant').onRef('deposit.id', '=', 'wrappedKey.deposit'),
    )
    .select(['scheme', 'keyId', 'wrap', 'state', keys, envelopesBehind])
    .where('wrappedKey.tenant', '=', tenant)
    .where('state', 'in', literals('UPLOADING', 'COMMITTING', 'ABORTING'))
    .groupBy(['scheme', 'keyId', 'wrap', 'state']),
);

/**
 * As the port's. Nearly all deposits are AVAILABLE, and a statement has only seconds: it counts the few others
 * separately and subtracts them from all. A key whose deposit has no row counts as AVAILABLE.
 */
export async function keyCensus(db: Connection, tenant: string): Promise<CensusLine[]> {
  const all = await db.all(allKeys(tenant));
  const others = await db.all(keysOfOthers(tenant));
  const available = all.map((line): CensusLine => {
    const same = others.filter((other) => groupKeyOf(other) === groupKeyOf(line));
    const rest = (what: 'keys' | 'envelopesBehind') => same.reduce((left, other) => left - other[what], line[what]);
    return { ...line, state: 'AVAILABLE', keys: rest('keys'), envelopesBehind: rest('envelopesBehind') };
  });
  return [...available.filter((line) => line.keys > 0), ...others].sort(compareLines);
}

function groupKeyOf({ scheme, keyId, wrap }: Pick<CensusLine, 'scheme' | 'keyId' | 'wrap'>): string {
  return JSON.stringify([scheme, keyId, wrap]);
}

function compareLines(one: CensusLine, other: CensusLine): number {
  const [name, otherName] = [`${one.keyId} ${one.state}`, `${other.keyId} ${other.state}`];
  return one.wrap - other.wrap || (name < otherName ? -1 : 1);
}
