// Erasures in SQL.
import type { Kysely } from 'kysely';
import { VaultError } from '../../errors.ts';
import type { NewEvent, Receipt } from '../../model/audit-event.ts';
import { type BegunErasure, type Erasure, PASSES } from '../../model/erasure.ts';
import type { ErasureNotes, ErasureWrites } from '../../ports/rows/erasure-rows.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

const find = query((db, tenant: string, recording: string) =>
  db.selectFrom('erasure').selectAll().where('tenant', '=', tenant).where('recording', '=', recording),
);
const due = query((db, now: string, limit: number) =>
  db.selectFrom('erasure').selectAll().where('due', '<=', now).orderBy('due').orderBy('recording').limit(limit),
);
const unerased = query((db, tenant: string, recordings: readonly string[]) =>
  db
    .selectFrom('recording')
    .select('id')
    .where('tenant', '=', tenant)
    .where('id', 'in', recordings)
    .where('state', 'in', ['EXPECTED', 'AVAILABLE']),
);
const begunBy = query((db, tenant: string, seq: number) =>
  db.selectFrom('erasure').selectAll().where('tenant', '=', tenant).where('seq', '=', seq).orderBy('recording'),
);
const events = query((db, tenant: string, below: number, limit: number) =>
  db
    .selectFrom('erasure')
    .select(({ fn, eb }) => [
      'seq',
      fn.countAll<number>().as('recordings'),
      fn.sum<number>(eb.case().when('pass', '<=', PASSES.second).then(1).else(0).end()).as('unfinished'),
    ])
    .where('tenant', '=', tenant)
    .where('seq', '<', below)
    .groupBy('seq')
    .orderBy('seq', 'desc')
    .limit(limit),
);
const knownLists = query((db, tenant: string, lists: readonly string[]) =>
  db.selectFrom('erasure').select('list').distinct().where('tenant', '=', tenant).where('list', 'in', lists),
);
const listsAfter = query((db, tenant: string, after: string, limit: number) =>
  db
    .selectFrom('erasure')
    .select('list')
    .distinct()
    .where('tenant', '=', tenant)
    .where('list', '>', after)
    .orderBy('list')
    .limit(limit),
);
// Every process that erases lists its erasures by itself: only what earlier versions erased stays without a list.
const withoutList = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('erasure').where('tenant', '=', tenant).where('list', 'is', null).where('pass', '>', PASSES.first);
const unlisted = query((db, tenant: string, after: string, limit: number) =>
  withoutList(db, tenant).selectAll().where('recording', '>', after).orderBy('recording').limit(limit),
);
const countUnlisted = query((db, tenant: string) =>
  withoutList(db, tenant).select(({ fn }) => fn.countAll<number>().as('count')),
);
const setList = query((db, tenant: string, recordings: readonly string[], list: string) =>
  db
    .updateTable('erasure')
    .set({ list })
    .where('tenant', '=', tenant)
    .where('recording', 'in', recordings)
    .where('list', 'is', null),
);
const lastReplay = query((db, tenant: string) => db.selectFrom('replay').select('at').where('tenant', '=', tenant));
const setLastReplay = query((db, tenant: string, at: string) =>
  db
    .insertInto('replay')
    .values({ tenant, at })
    .onConflict((conflict) => conflict.column('tenant').doUpdateSet({ at })),
);

type Pass = { readonly tenant: string; readonly recording: string; readonly pass: number };

const changePass = query((db, { tenant, recording, pass }: Pass, to: Partial<Erasure>, wasDue: string | null) => {
  const update = db
    .updateTable('erasure')
    .set(to)
    .where('tenant', '=', tenant)
    .where('recording', '=', recording)
    .where('pass', '=', pass);
  return wasDue === null ? update : update.where('due', '=', wasDue);
});

export function erasureRows(db: Connection): ErasureWrites {
  return {
    find: async (tenant, recording) => (await db.first(find(tenant, recording))) ?? null,
    due: (now, limit) => db.all(due(now, limit)),
    unerased: async (tenant, recordings) =>
      recordings.length === 0 ? [] : (await db.all(unerased(tenant, recordings))).map(({ id }) => id),
    begunBy: (tenant, seq) => db.all(begunBy(tenant, seq)),
    events: async (tenant, below, limit) =>
      (await db.all(events(tenant, below, limit))).map(({ seq, recordings, unfinished }) => ({
        ...{ seq: Number(seq), recordings: Number(recordings), unfinished: Number(unfinished) },
      })),
    knownLists: async (tenant, lists) =>
      lists.length === 0 ? [] : (await db.all(knownLists(tenant, lists))).flatMap(({ list }) => list ?? []),
    listsAfter: async (tenant, after, limit) =>
      (await db.all(listsAfter(tenant, after, limit))).flatMap(({ list }) => list ?? []),
    unlisted: (tenant, after, limit) => db.all(unlisted(tenant, after, limit)),
    countUnlisted: async (tenant) => Number((await db.first(countUnlisted(tenant)))?.count ?? 0),
    setList: async (tenant, recordings, list) =>
      recordings.length === 0 ? 0 : db.run(setList(tenant, recordings, list)),
    lastReplay: async (tenant) => (await db.first(lastReplay(tenant)))?.at ?? null,
  };
}

export function erasureNotes(db: Connection): ErasureNotes {
  return {
    take: async ({ tenant, recording, pass, due: wasDue }, until) =>
      wasDue !== null && (await db.run(changePass({ tenant, recording, pass }, { due: until }, wasDue))) === 1,
    passDone: async ({ tenant, recording, pass }, next) =>
      (await db.run(changePass({ tenant, recording, pass }, { pass: pass + 1, due: next }, null))) === 1,
    restart: async ({ tenant, recording, pass }, hours, due) =>
      (await db.run(changePass({ tenant, recording, pass }, { hours, pass: PASSES.first, due }, null))) === 1,
    setList: erasureRows(db).setList,
    setLastReplay: async (tenant, at) => {
      await db.run(setLastReplay(tenant, at));
    },
  };
}

/** Stores a change's erasures in its transaction: the change's first event began them, unless they name another. */
export async function storeErasures(
  db: Connection,
  erasures: readonly BegunErasure[],
  events: readonly NewEvent[],
  receipts: readonly Receipt[],
): Promise<void> {
  for (const { by, ...erasure } of erasures) {
    const at = by === undefined ? 0 : events.findIndex(({ id }) => id === by);
    const [seq, log] = [receipts[at]?.seq, events[at]?.log];
    if (seq === undefined || log !== erasure.tenant) throw new VaultError('internal', 'an erasure must have an event');
    await db.run(insertInto('erasure', { ...erasure, seq }));
  }
}
