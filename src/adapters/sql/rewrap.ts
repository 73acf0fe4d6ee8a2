// Replacing wrapped keys in SQL, unless a concurrent update replaced or erased them.
import type { RewrappedKey } from '../../ports/rows/wrapped-key-rows.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';

const lock = query((db, tenant: string, deposits: readonly string[]) =>
  db
    .selectFrom('wrappedKey')
    .select('deposit')
    .where('tenant', '=', tenant)
    .where('deposit', 'in', deposits)
    .orderBy('deposit')
    .forUpdate(),
);

type Move = {
  readonly keyId: string;
  readonly wrap: number;
  readonly toScheme: RewrappedKey['to']['scheme'];
  readonly toKeyId: string;
  readonly toWrap: number;
};

const replace = query((db, tenant: string, move: Move, deposits: readonly string[], wrapped: readonly Uint8Array[]) =>
  db
    .updateTable('wrappedKey')
    .set(({ eb, ref }) => {
      const [first, ...rest] = deposits.map((deposit, at) => ({ deposit, wrapped: wrapped[at] as Uint8Array }));
      if (first === undefined) throw new Error('a group has at least one key');
      let chosen = eb.case('deposit').when(first.deposit).then(first.wrapped);
      for (const other of rest) chosen = chosen.when(other.deposit).then(other.wrapped);
      // The last column lets PostgreSQL infer the values' type.
      const value = chosen.else(ref('wrapped')).end();
      return { scheme: move.toScheme, keyId: move.toKeyId, wrap: move.toWrap, wrapped: value };
    })
    .where('tenant', '=', tenant)
    .where('keyId', '=', move.keyId)
    .where('wrap', '=', move.wrap)
    .where('deposit', 'in', deposits)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('deposit')
          .select('deposit.id')
          .where('deposit.tenant', '=', tenant)
          .whereRef('deposit.id', '=', 'wrappedKey.deposit')
          .where('deposit.state', '=', 'AVAILABLE'),
      ),
    )
    .returning('wrappedKey.deposit'),
);

/** As the port's `rewrap`: the deposits whose keys were replaced. */
export async function replaceWrappedKeys(
  db: Connection,
  tenant: string,
  keys: readonly RewrappedKey[],
): Promise<string[]> {
  const sorted = [...keys].sort((a, b) => (a.from.deposit < b.from.deposit ? -1 : 1));
  // Locked in the order of ids, as an erasure does: a transaction that waits for one then sees its new state.
  await db.all(
    lock(
      tenant,
      sorted.map(({ from }) => from.deposit),
    ),
  );
  const done: string[] = [];
  for (const group of groupByMove(sorted)) {
    const [{ from, to }] = group;
    const move = { keyId: from.keyId, wrap: from.wrap, toScheme: to.scheme, toKeyId: to.keyId, toWrap: to.wrap };
    const deposits = group.map((key) => key.from.deposit);
    const wrapped = group.map((key) => key.to.wrapped);
    for (const { deposit } of await db.all(replace(tenant, move, deposits, wrapped))) done.push(deposit);
  }
  return done.sort();
}

/** Groups keys with the same old and new key and generation: one statement replaces a group. */
function groupByMove(keys: readonly RewrappedKey[]): readonly (readonly [RewrappedKey, ...RewrappedKey[]])[] {
  const groups = new Map<string, [RewrappedKey, ...RewrappedKey[]]>();
  for (const key of keys) {
    const name = JSON.stringify([key.from.keyId, key.from.wrap, key.to.scheme, key.to.keyId, key.to.wrap]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [key]);
    else group.push(key);
  }
  return [...groups.values()];
}
