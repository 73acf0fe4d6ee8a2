// Legal holds in SQL.
import type { Kysely } from 'kysely';
import type { HeldRecording, HoldState } from '../../model/hold.ts';
import type { LegalHoldWrites } from '../../ports/rows/hold-rows.ts';
import type { Connection } from './connection.ts';
import { holdMatches } from './hold-matches.ts';
import { literal, literals, number } from './literals.ts';
import { flagColumn } from './mapping.ts';
import { heldRecordings, holds } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('hold', holds);

const holdsIn = (db: Kysely<Schema>, tenant: string) => db.selectFrom('hold').selectAll().where('tenant', '=', tenant);
export const heldIn = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('holdRecording').where('tenant', '=', tenant);
export const NOT_LIFTED = number(0);

const page = query((db, tenant: string, state: HoldState | null, before: string | null, limit: number) => {
  let found = holdsIn(db, tenant);
  if (state !== null) found = found.where('state', '=', state);
  if (before !== null) found = found.where('id', '<', before);
  return found.orderBy('id', 'desc').limit(limit);
});
const open = query((db, tenant: string) =>
  db
    .selectFrom('hold')
    .select(['continuing', ({ fn }) => fn.countAll<number>().as('n')])
    .where('tenant', '=', tenant)
    .where('state', '!=', literal('LIFTED'))
    .groupBy('continuing'),
);
const counts = query((db, tenant: string, ids: readonly string[]) =>
  heldIn(db, tenant)
    .where('hold', 'in', ids)
    .select(['hold', 'lifted', ({ fn }) => fn.countAll<number>().as('n')])
    .groupBy(['hold', 'lifted']),
);
const uncoveredCounts = query((db, tenant: string, ids: readonly string[]) =>
  heldIn(db, tenant)
    .where('hold', 'in', ids)
    .where('covered', '=', number(0))
    .where('lifted', '=', NOT_LIFTED)
    .select(['hold', ({ fn }) => fn.countAll<number>().as('n')])
    .groupBy('hold'),
);
// These conditions are in the exact form of their partial indexes' conditions.
const blocking = query((db, tenant: string) =>
  db
    .selectFrom('hold')
    .select(['id', 'state', 'damaged'])
    .where('tenant', '=', tenant)
    .where(({ eb, or }) => or([eb('state', '=', literal('PLACING')), eb('damaged', '=', number(1))]))
    .orderBy('id')
    .limit(1),
);
const ruled = query((db, tenant: string) =>
  holdsIn(db, tenant)
    .where('state', '<>', literal('LIFTED'))
    .where('scope', 'is not', null)
    .where(({ eb, or }) => or([eb('continuing', '=', number(1)), eb('state', '=', literal('PLACING'))]))
    .orderBy('id'),
);
const unsettled = query((db, limit: number) =>
  db
    .selectFrom('hold')
    .selectAll()
    .where('settled', '=', number(0))
    .where('damaged', '=', number(0))
    .orderBy('tenant')
    .orderBy('id')
    .limit(limit),
);
const holding = query((db, tenant: string, recording: string, limit: number) =>
  db
    .selectFrom('holdRecording')
    .innerJoin('hold', (join) =>
      join.onRef('hold.tenant', '=', 'holdRecording.tenant').onRef('hold.id', '=', 'holdRecording.hold'),
    )
    .select('hold.id')
    .where('holdRecording.tenant', '=', tenant)
    .where('holdRecording.recording', '=', recording)
    .where('holdRecording.lifted', '=', NOT_LIFTED)
    .where('hold.state', 'in', literals('PLACING', 'ACTIVE'))
    .orderBy('hold.id')
    .limit(limit),
);
const countOf = query((db, tenant: string, ids: readonly string[]) =>
  heldIn(db, tenant)
    .where('recording', 'in', ids)
    .where('lifted', '=', NOT_LIFTED)
    .select(['recording', ({ fn }) => fn.countAll<number>().as('n')])
    .groupBy('recording'),
);
const recordings = query((db, tenant: string, hold: string, after: string, limit: number) =>
  heldIn(db, tenant)
    .selectAll()
    .where('hold', '=', hold)
    .where('recording', '>', after)
    .orderBy('recording')
    .limit(limit),
);
const among = query((db, tenant: string, hold: string, ids: readonly string[]) =>
  heldIn(db, tenant).selectAll().where('hold', '=', hold).where('recording', 'in', ids),
);
const uncovered = query((db, tenant: string, hold: string, limit: number) =>
  heldIn(db, tenant)
    .select('recording')
    .where('hold', '=', hold)
    .where('covered', '=', number(0))
    .where('lifted', '=', NOT_LIFTED)
    .orderBy('recording')
    .limit(limit),
);
const withUncovered = query((db, limit: number) =>
  db
    .selectFrom('holdRecording')
    .select(['tenant', 'hold as id'])
    .where('covered', '=', number(0))
    .where('lifted', '=', NOT_LIFTED)
    .groupBy(['tenant', 'hold'])
    .orderBy('tenant')
    .orderBy('hold')
    .limit(limit),
);
type Columns = { readonly covered?: number | undefined; readonly lifted?: number | undefined };

const setRow = query((db, tenant: string, hold: string, recording: string, to: Columns) =>
  db
    .updateTable('holdRecording')
    .set(to)
    .where('tenant', '=', tenant)
    .where('hold', '=', hold)
    .where('recording', '=', recording),
);
const raise = query((db, tenant: string, ids: readonly string[]) =>
  db
    .updateTable('recording')
    .set(({ eb }) => ({ holds: eb('holds', '+', number(1)) }))
    .where('tenant', '=', tenant)
    .where('id', 'in', ids),
);
/** Lowers counts by one; a count that someone lowered by hand does not become negative. */
export const lowerHolds = query((db, tenant: string, ids: readonly string[]) =>
  db
    .updateTable('recording')
    .set(({ eb }) => ({ holds: eb('holds', '-', number(1)) }))
    .where('tenant', '=', tenant)
    .where('id', 'in', ids)
    .where('holds', '>', number(0)),
);

export function legalHoldRows(db: Connection): LegalHoldWrites {
  return {
    ...table(db),
    page: async (tenant, state, before, limit) => (await db.all(page(tenant, state, before, limit))).map(holds.toNoun),
    countOpen: async (tenant) => {
      const found = (await db.all(open(tenant))).map((row) => ({ ...row, n: Number(row.n) }));
      const of = (continuing: number) => found.find((row) => row.continuing === continuing)?.n ?? 0;
      return { open: of(0) + of(1), continuing: of(1) };
    },
    counts: async (tenant, ids) => {
      if (ids.length === 0) return [];
      const [all, waiting] = [await db.all(counts(tenant, ids)), await db.all(uncoveredCounts(tenant, ids))];
      return [...new Set(all.map(({ hold }) => hold))].map((hold) => {
        const own = all.filter((row) => row.hold === hold);
        const held = Number(own.find(({ lifted }) => lifted === 0)?.n ?? 0);
        const recordingsOf = own.reduce((sum, { n }) => sum + Number(n), 0);
        return {
          hold,
          recordings: recordingsOf,
          held,
          uncovered: Number(waiting.find((row) => row.hold === hold)?.n ?? 0),
        };
      });
    },
    blocking: async (tenant) => {
      const found = await db.first(blocking(tenant));
      return found === undefined ? null : { id: found.id, state: found.state, damaged: found.damaged === 1 };
    },
    ruled: async (tenant) => (await db.all(ruled(tenant))).map(holds.toNoun),
    holding: async (tenant, recording, limit) => (await db.all(holding(tenant, recording, limit))).map(({ id }) => id),
    countOf: async (tenant, ids) =>
      new Map(
        ids.length === 0
          ? []
          : (await db.all(countOf(tenant, ids))).map(({ recording, n }) => [recording, Number(n)] as const),
      ),
    recordings: async (tenant, hold, after, limit) =>
      (await db.all(recordings(tenant, hold, after, limit))).map(heldRecordings.toNoun),
    among: async (tenant, hold, ids) =>
      ids.length === 0 ? [] : (await db.all(among(tenant, hold, ids))).map(heldRecordings.toNoun),
    uncovered: async (tenant, hold, limit) =>
      (await db.all(uncovered(tenant, hold, limit))).map(({ recording }) => recording),
    withUncovered: (limit) => db.all(withUncovered(limit)),
    unsettled: async (limit) => (await db.all(unsettled(limit))).map(holds.toNoun),
    matches: (tenant, filter, after, before, limit) => holdMatches(db, tenant, filter, after, before, limit),
    add: async (row) => (await db.run(addRow(heldColumns(row)))) === 1,
    set: async ({ tenant, hold, recording }, to) => {
      await db.run(setRow(tenant, hold, recording, columnsOf(to)));
    },
    count: async (tenant, ids, by) => {
      if (ids.length > 0) await db.run(by === 1 ? raise(tenant, ids) : lowerHolds(tenant, ids));
    },
  };
}

type HeldChange = Partial<Pick<HeldRecording, 'covered' | 'lifted'>>;

function columnsOf({ covered, lifted }: HeldChange): Columns {
  return { covered, lifted: flagColumn(lifted) };
}

function heldColumns(row: HeldRecording) {
  return { ...row, lifted: flagColumn(row.lifted) };
}

const addRow = query((db, row: ReturnType<typeof heldColumns>) =>
  db
    .insertInto('holdRecording')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);
