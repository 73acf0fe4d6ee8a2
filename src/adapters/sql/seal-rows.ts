// Seals and tiles in SQL.
import type { NotNull } from 'kysely';
import { FLOOR_AHEAD_MS } from '../../model/time/transaction-time.ts';
import type { LogHead, SealNotes, SealRows, Tile } from '../../ports/rows/seal-rows.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';

const heads = query((db) =>
  db
    .selectFrom('auditHead')
    .select(({ selectFrom }) => [
      'auditHead.log',
      'auditHead.size',
      'auditHead.held',
      selectFrom('auditSeal')
        .select('auditSeal.size')
        .whereRef('auditSeal.log', '=', 'auditHead.log')
        .orderBy('auditSeal.size', 'desc')
        .limit(1)
        .as('sealed'),
    ])
    .orderBy('auditHead.log'),
);
const held = query((db) =>
  db
    .selectFrom('auditHead')
    .select(['log', 'held'])
    .where('held', 'is not', null)
    .$narrowType<{ held: NotNull }>()
    .orderBy('log'),
);
const ahead = query((db, after: string) =>
  db.selectFrom('auditHead').select(['log', 'mark']).where('mark', '>', after).where('held', 'is', null).orderBy('log'),
);
const newest = query((db, log: string) =>
  db.selectFrom('auditSeal').select(['size', 'note']).where('log', '=', log).orderBy('size', 'desc').limit(1),
);
const seals = query((db, log: string, from: number, limit: number) =>
  db
    .selectFrom('auditSeal')
    .select(['size', 'note'])
    .where('log', '=', log)
    .where('size', '>=', from)
    .orderBy('size')
    .limit(limit),
);
const tileOf = query((db, log: string, level: number, tile: number) =>
  db
    .selectFrom('auditTile')
    .select('hashes')
    .where('log', '=', log)
    .where('level', '=', level)
    .where('tile', '=', tile),
);
const lastTile = query((db, log: string, level: number) =>
  db
    .selectFrom('auditTile')
    .select(['level', 'tile', 'hashes'])
    .where('log', '=', log)
    .where('level', '=', level)
    .orderBy('tile', 'desc')
    .limit(1),
);

export function sealRows(db: Connection): SealRows {
  return {
    heads: async () => (await db.all(heads())) as LogHead[],
    held: () => db.all(held()),
    ahead: async (clock) => {
      const after = new Date(clock + FLOOR_AHEAD_MS).toISOString();
      return (await db.all(ahead(after))).map(({ log, mark }) => ({ log, aheadMs: Date.parse(mark) - clock }));
    },
    newest: async (log) => (await db.first(newest(log))) ?? null,
    seals: (log, from, limit) => db.all(seals(log, from, limit)),
    tile: async (log, level, tile) => (await db.first(tileOf(log, level, tile)))?.hashes ?? null,
    lastTile: async (log, level) => (await db.first(lastTile(log, level))) ?? null,
  };
}

/** Stores a seal; one of this size that is stored stays. */
export const insertSeal = query((db, log: string, size: number, note: string) =>
  db
    .insertInto('auditSeal')
    .values({ log, size, note })
    .onConflict((conflict) => conflict.doNothing()),
);
/** Two that seal the same log may be at different sizes: the longer tile has all hashes of the other. */
const growTile = query((db, log: string, { level, tile, hashes }: Tile) =>
  db
    .insertInto('auditTile')
    .values({ log, level, tile, hashes })
    .onConflict((conflict) =>
      conflict
        .columns(['log', 'level', 'tile'])
        .doUpdateSet(({ ref }) => ({ hashes: ref('excluded.hashes') }))
        .where(({ fn, ref, eb }) =>
          eb(fn('length', [ref('excluded.hashes')]), '>', fn('length', [ref('auditTile.hashes')])),
        ),
    ),
);

const setReread = query((db, log: string, at: string, since: string) =>
  db
    .updateTable('auditHead')
    .set({ reread: at })
    .where('log', '=', log)
    .where(({ eb, or }) => or([eb('reread', 'is', null), eb('reread', '<=', since)])),
);

export function sealNotes(db: Connection): SealNotes {
  return {
    reread: async (log, at, since) => (await db.run(setReread(log, at, since))) === 1,
    seal: async (log, { size, note }, tiles) => {
      await db.run(insertSeal(log, size, note));
      for (const tile of tiles) await db.run(growTile(log, tile));
    },
  };
}
