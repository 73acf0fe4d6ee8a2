// Rounds of background work with much to do: the rows that become due at once, and what works on them.
import { randomBytes } from 'node:crypto';
import { newId } from '../../../src/bytes/ids.ts';
import { CHALLENGE_KEPT_MS } from '../../../src/model/sign-in.ts';
import type { Change, Transaction } from '../../../src/ports/database.ts';
import { entryStorer } from '../../../src/vault/amendments/store-entries.ts';
import { fillQueues } from '../../../src/vault/catalogue/fill-queues.ts';
import { forgetReplies } from '../../../src/vault/core/idempotency/stored-reply.ts';
import { UNLIMITED } from '../../../src/vault/core/rate-limiter.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { recoverStale } from '../../../src/vault/deposit/recover-stale.ts';
import { continueErasures } from '../../../src/vault/erasure/continue-erasures.ts';
import { shred } from '../../../src/vault/erasure/shred.ts';
import { indexUpdater } from '../../../src/vault/indexing/update-indexes.ts';
import { BATCH, rewrapBatch } from '../../../src/vault/keys/rewrap/batch.ts';
import { expireAccess } from '../../../src/vault/listening/expire-access.ts';
import { forgetChallenges } from '../../../src/vault/sign-in/challenges.ts';
import { expireSignIns } from '../../../src/vault/sign-in/expire.ts';
import { accessRequestRow, deposit, grant, session, someEvent } from '../../support/fixture-rows.ts';
import { signIn } from '../../support/more-fixture-rows.ts';
import type { Operation } from './lists.ts';
import type { SeededDeployment } from './seed.ts';

/** A round of background work; `prepare` makes its rows due. It runs until it finds nothing. */
export type DueRound = Operation & { readonly prepare: () => Promise<void> };

/** How many rows become due at once. */
const AT_ONCE = {
  grants: 5_000,
  sessions: 500,
  requests: 500,
  uploads: 2_000,
  entries: 4_000,
  queues: 2_000,
  signIns: 1_000,
  listenedSignIns: 300,
  rows: 10_000,
  erasures: 30,
  rewrapBatches: 10,
  indexed: 5_000,
};

/** Rows that `prepare` writes in one transaction. */
const WRITTEN_AT_ONCE = 250;
const HOUR_MS = 3_600_000;

const SERVICE = { type: 'system', id: 'bench', auth: 'none' } as const;

type Due = Readonly<Record<keyof typeof AT_ONCE, number>>;

/**
 * Each round of src/work.ts that writes, and the transactions of a re-wrap. `vault` is timed, `seeded.vault` is not.
 * `share`: of the usual number of rows.
 */
export function dueRounds(seeded: SeededDeployment, vault: Vault, share = 1): DueRound[] {
  const due = Object.fromEntries(Object.entries(AT_ONCE).map(([what, n]) => [what, Math.ceil(n * share)])) as Due;
  const { tenant, usual, request } = seeded;
  const { db } = seeded.vault;
  const past = new Date(Date.now() - HOUR_MS).toISOString();
  const change = (work: (tx: Transaction) => Promise<Partial<Change<undefined>>>) =>
    db.change(async (tx) => ({ result: undefined, events: [someEvent(tenant)], ...(await work(tx)) }), request);
  const insert = async (count: number, one: (tx: Transaction, n: number) => Promise<void>): Promise<void> => {
    for (let from = 0; from < count; from += WRITTEN_AT_ONCE)
      await change(async (tx) => {
        for (let n = from; n < Math.min(count, from + WRITTEN_AT_ONCE); n++) await one(tx, n);
        return {};
      });
  };
  const note = async (
    count: number,
    one: (notes: Parameters<Parameters<Vault['db']['note']>[0]>[0], n: number) => Promise<unknown>,
  ) => {
    for (let from = 0; from < count; from += WRITTEN_AT_ONCE)
      await db.note(async (notes) => {
        for (let n = from; n < Math.min(count, from + WRITTEN_AT_ONCE); n++) await one(notes, n);
      }, request);
  };
  const recordings = (count: number): Promise<{ readonly id: string }[]> =>
    db.read((rows) => rows.recordings.page(tenant, { indexes: [], state: 'available' }, null, count), request);
  const own = { tenant, recording: newId('rec'), mac: null };

  return [
    {
      name: `due: settle ${due.uploads} abandoned uploads`,
      prepare: async () => {
        const calls = await recordings(due.uploads);
        await insert(calls.length, async (tx, n) => {
          const ids = { tenant, id: newId('dep'), recording: calls[n]?.id ?? '' };
          await tx.deposits.insert({ ...deposit, ...ids, object: 'notes', lease: { owner: 'bench', until: past } });
        });
      },
      run: () => recoverStale(vault, request),
    },
    {
      name: `due: fill ${due.queues} queues`,
      prepare: async () => {
        const calls = await recordings(due.queues);
        await insert(calls.length, async (tx, n) => {
          const row = await tx.recordings.lock(tenant, calls[n]?.id ?? '');
          if (row !== null) await tx.recordings.change(row, { queue: null });
        });
      },
      run: () => fillQueues(vault, request),
    },
    {
      name: `due: store ${due.entries} entries of ${Math.ceil(due.entries / 4)} streams`,
      prepare: async () => {
        let subject = '';
        await insert(due.entries, async (tx, n) => {
          if (n % 4 === 0) subject = newId('rec');
          const row = { tenant, subject, n: (n % 4) + 1, at: past, entry: randomBytes(700), stored: false };
          await tx.amendments.insert(row);
        });
      },
      run: () =>
        entryStorer({ ...vault, store: { ...vault.store, put: async () => undefined } }, () => undefined)(request),
    },
    {
      name: `due: expire ${due.grants} grants`,
      prepare: () =>
        insert(due.grants, async (tx) => {
          const ids = { id: newId('grt'), request: newId('req'), person: usual.principal };
          await tx.access.insertGrant({ ...grant, ...own, ...ids, expires: past });
        }),
      run: () => expireAccess(vault, request),
    },
    {
      name: `due: expire ${due.sessions} sessions and ${due.requests} requests`,
      prepare: async () => {
        await insert(due.sessions, (tx) =>
          tx.sessions.insert({ ...session, ...own, id: newId('ses'), principal: usual.principal, ends: past }),
        );
        await insert(due.requests, (tx) =>
          tx.access.insertRequest({
            ...{ ...accessRequestRow, ...own, id: newId('req'), recording: newId('rec'), requester: usual.principal },
            ...{ expires: past, words: new Uint8Array() },
          }),
        );
      },
      run: () => expireAccess(vault, request),
    },
    {
      name: `due: expire ${due.signIns} sign-ins, ${due.listenedSignIns} with a listening session`,
      prepare: () =>
        insert(due.signIns, async (tx, n) => {
          const id = newId('sgn');
          const person = { tenant, principal: usual.principal };
          await tx.signIns.insertSignIn({ ...signIn, ...person, id, hash: randomBytes(32), mac: null, idleEnds: past });
          if (n >= due.listenedSignIns) return;
          const ends = new Date(Date.now() + HOUR_MS).toISOString();
          await tx.sessions.insert({ ...session, ...own, ...person, id: newId('ses'), signIn: id, ends });
        }),
      run: () => expireSignIns(vault, request),
    },
    {
      name: `due: forget ${due.rows} challenges`,
      prepare: () => {
        const last = Date.now() - 2 * CHALLENGE_KEPT_MS;
        return note(due.rows, (notes, n) =>
          notes.signIns.answered(randomBytes(16).toString('base64url'), new Date(last - n).toISOString()),
        );
      },
      run: () => forgetChallenges(vault, request),
    },
    {
      name: `due: forget ${due.rows} replies`,
      prepare: () => {
        const scope = { tenant, principal: usual.principal, route: 'POST /v1/recordings', owner: 'bench' };
        const [body, longAgo] = [randomBytes(16), new Date(0).toISOString()];
        return note(due.rows, (notes, n) => {
          const until = new Date(Date.parse(past) - n).toISOString();
          return notes.idempotency.claim({ ...scope, key: randomBytes(16) }, body, longAgo, until);
        });
      },
      run: () => forgetReplies(vault, request),
    },
    {
      name: `due: erase ${due.erasures} recordings, first pass`,
      prepare: async () => {
        for (const { id } of await recordings(due.erasures))
          await change(async (tx) => {
            const row = await tx.recordings.lock(tenant, id);
            if (row === null) return {};
            const { events, erasure } = await shred(tx, SERVICE, row, '', request);
            return { events: [someEvent(tenant), ...events], erasures: [erasure] };
          });
      },
      run: () => continueErasures(vault, request),
    },
    {
      name: `due: erase ${due.erasures} recordings, second pass`,
      prepare: async () => {
        const soon = new Date(Date.now() + HOUR_MS).toISOString();
        const waiting = await db.read((rows) => rows.erasures.due(soon, due.erasures), request);
        for (const one of waiting) await db.note((notes) => notes.erasures.take(one, past), request);
      },
      run: () => continueErasures(vault, request),
    },
    indexSteps(seeded, vault, due.indexed),
    ...rewrapSteps(seeded, vault, due.rewrapBatches),
  ];
}

/** Rounds of a pass over recordings without an index of their call id, as those of an earlier version. */
function indexSteps(
  { tenant, request, vault: { db, replayGate } }: SeededDeployment,
  vault: Vault,
  count: number,
): DueRound {
  let left = 0;
  const update = indexUpdater(vault, () => undefined);
  return {
    name: `due: index ${count} older recordings`,
    prepare: async () => {
      replayGate.open(tenant);
      left = count;
      await db.change(async (tx) => {
        const row = await tx.tenants.lock(tenant);
        if (row !== null) await tx.tenants.change(row, { searchable: row.searchable.length === 0 ? ['contract'] : [] });
        return { result: undefined, events: [someEvent(tenant)] };
      }, request);
    },
    run: async () => {
      const changed = left > 0 ? await update(request) : 0;
      left -= changed;
      if (changed > 0 && left > 0) return changed;
      // The rest of a million recordings would take long: the pass ends here.
      const [pass] = await db.read((rows) => rows.indexes.behind(), request);
      if (pass !== undefined) await db.note((notes) => notes.indexes.finish(pass), request);
      return changed;
    },
  };
}

/** Batches of a re-wrap to the next generation and back, with a key service that answers at once. */
function rewrapSteps({ tenant, request }: SeededDeployment, vault: Vault, batches: number): DueRound[] {
  const keys = {
    ...vault.keys,
    provider: { ...vault.keys.provider, isOneService: () => true },
    rewrap: async (key: { readonly id: string }) => ({ id: key.id, wrapped: randomBytes(104) }),
  };
  let [left, after] = [0, ''];
  return [
    {
      name: `due: re-wrap ${batches} batches of ${BATCH} keys`,
      prepare: async () => {
        left = batches;
      },
      run: async () => {
        if (left-- <= 0) return 0;
        const row = await vault.db.read((rows) => rows.tenants.find(tenant), request);
        if (row === null) return 0;
        for (const wrap of [row.wrap + 1, row.wrap]) {
          const context = { by: SERVICE, run: 'bench', tenant: { ...row, wrap }, limiter: UNLIMITED, concurrency: 4 };
          const from = wrap === row.wrap ? wrap + 2 : wrap;
          const found = await vault.db.read((rows) => rows.wrappedKeys.below(tenant, from, after, BATCH), request);
          const { done } = await rewrapBatch({ ...vault, keys }, context, found, request);
          const ids = done.map((key) => key.deposit);
          await vault.db.note((notes) => notes.wrappedKeys.envelopesWritten(tenant, ids, wrap), request);
          if (wrap === row.wrap) after = found.at(-1)?.deposit ?? '';
        }
        return 2 * BATCH;
      },
    },
  ];
}
