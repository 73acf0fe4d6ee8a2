// A person deactivated while calls are assigned, over two connections: each transaction stops before every statement of it.
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { openSqlite } from '../../src/adapters/sql/sqlite.ts';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import type { Caller } from '../../src/model/principal.ts';
import type { Database } from '../../src/ports/database.ts';
import { assign } from '../../src/vault/assignments/assign.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { sessionKeys } from '../../src/vault/core/keys-in-memory/session-keys.ts';
import { proofCrypto } from '../../src/vault/core/proofs/proof-crypto.ts';
import { deactivatePrincipal } from '../../src/vault/people/deactivate.ts';
import { makeAssignable, signedBatch } from '../support/batches.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { guardedPorts } from '../support/guarded.ts';
import { heldChange } from '../support/held-changes.ts';
import { withOtherConnection } from '../support/postgres-database.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';

const DAY_MS = 86_400_000;
const request = () => ({ signal: AbortSignal.timeout(600_000) });

type Side = 'assignment' | 'deactivation';

/** Who assigns, who is deactivated, and the reviewers of the calls. */
type People = { readonly maker: SteppingUp; readonly leaves: string; readonly reviewers: readonly string[] };

/** What came of a round. `overtook`: the other change ended while the first was held. */
type Round = {
  readonly leaves: string;
  readonly overtook: boolean;
  readonly batch: string;
  readonly off: string;
  /** How often the deactivation's transaction ran. */
  readonly runs: number;
  /** With the actions and reasons of the log about the grant and the deactivated person; no state: no such grant. */
  readonly grants: readonly {
    readonly reviewer: string;
    readonly state: string | null;
    readonly log: readonly string[];
  }[];
};

describe.each(ENGINES.filter(({ present }) => present))(
  'assigning calls while a person is deactivated, on $engine',
  ({ engine }) => {
    let world: World;
    let second: Database;
    let waits: () => Promise<boolean>;
    let recordings: readonly string[];
    let end: () => Promise<void>;

    beforeAll(async () => {
      const postgres = engine === 'sqlite' ? undefined : await freshDatabase(await serverOf(engine));
      world = await makeWorld(postgres === undefined ? {} : { postgres });
      const { clock, store, keys } = world.vault;
      const options = { clock, identity: { origin: 'vault.example', node: 'node-2' }, fatal: throwIt, witness: false };
      const opened =
        postgres === undefined
          ? await openSqlite(join(world.folder, 'vault.db'), options)
          : await openPostgres(postgres, options);
      second = guardedPorts({ db: opened, store, keys }).db;
      end = () => opened.close();
      // SQLite has one writer: a change that was asked for waits while another has its transaction open.
      waits = postgres === undefined ? async () => true : () => withOtherConnection(postgres, waitsForLock);
      await makeAssignable(world, world.harbour.tenant);
      const deposited = [1, 2].map((n) => world.deposited(world.harbour, `raced-${n}`, wav(2_000)));
      recordings = await Promise.all(deposited);
    }, 300_000);
    afterAll(async () => {
      await end();
      await world.end();
    });

    const reviewer = () => world.person(world.harbour.tenant, ['reviewer']);
    const lead = async (): Promise<SteppingUp> =>
      withPasskey(world, world.harbour.tenant, (await world.person(world.harbour.tenant, ['supervisor'])).id);
    const callerOf = async ({ id }: SteppingUp): Promise<Caller> => {
      const { tenant } = world.harbour;
      const [signIn] = await world.vault.db.read((rows) => rows.signIns.liveOf(tenant, id), request());
      if (signIn === undefined) throw new Error('the lead is signed in');
      const by = { tenant, principal: id, kind: 'person', roles: ['supervisor'], auth: 'sign-in' } as const;
      return { ...by, scopes: ['decide'], signIn, humans: [id] };
    };

    const stateOf = async (id: string) =>
      (await world.vault.db.read((rows) => rows.access.grant(world.harbour.tenant, id), request()))?.state ?? null;

    /** The first change is held before its statement `at`; the other comes, until it ended or waits for the first. */
    const race = async (held: Side, at: number, people: People): Promise<Round | null> => {
      const { tenant } = world.harbour;
      const { maker, leaves, reviewers } = people;
      const from = (await eventsOf(world, tenant)).length;
      const due = new Date(world.vault.clock.now() + DAY_MS).toISOString();
      const wanted = reviewers.map((person, n) => ({ recording: recordings[n] ?? '', reviewer: person }));
      const { grants, proof, ...rest } = await signedBatch(maker, { grants: wanted, due });
      const assignments = grants.map((one) => ({ ...one, insteadOf: null }));
      const what = { ...rest, assignments, proof: { token: proof.challenge_id, answer: proof.response } };
      const by = await callerOf(maker);
      const batchChange = heldChange(world.vault.db, held === 'assignment' ? at : null);
      const offChange = heldChange(second, held === 'deactivation' ? at : null);
      const off = { db: offChange.db, sessionKeys: sessionKeys() };
      const sides = {
        batch: {
          ...batchChange,
          start: () => Promise.allSettled([assign({ ...world.vault, db: batchChange.db }, by, what, request())]),
        },
        off: {
          ...offChange,
          start: () => Promise.allSettled([deactivatePrincipal(off, operatorActor('op-1'), tenant, leaves, request())]),
        },
      };
      const [first, other] = held === 'assignment' ? [sides.batch, sides.off] : [sides.off, sides.batch];
      const running = first.start();
      const isHeld = await Promise.race([first.stopped.then(() => true), running.then(() => false)]);
      if (!isHeld) return null;
      let isOver = false;
      const following = other.start().finally(() => {
        isOver = true;
      });
      await Promise.race([other.asked, following]);
      await until('the other change ended or waits', async () => isOver || waits());
      const overtook = isOver;
      first.release();
      const [[one], [two]] = [await running, await following];
      const [batched, offed] = held === 'assignment' ? [one, two] : [two, one];
      const events = await eventsOf(world, tenant, from);
      const grantOf = async ({ id, reviewer }: { id: string; reviewer: string }) => ({
        reviewer,
        state: await stateOf(id),
        log: events
          .filter(({ object }) => object['id'] === id || object['id'] === leaves)
          .map(({ action, object }) => [action, object['why'] ?? []].flat().join(' ')),
      });
      return {
        ...{ leaves, overtook, batch: outcomeOf(batched), off: outcomeOf(offed), runs: offChange.runs() },
        grants: await Promise.all(grants.map(grantOf)),
      };
    };

    /** A race at every statement of a change in turn. */
    const raceEach = async (held: Side, people: () => Promise<People>): Promise<Round[]> => {
      const rounds: Round[] = [];
      for (let at = 1; ; at++) {
        const round = await race(held, at, await people());
        if (round === null) break;
        rounds.push(round);
      }
      // Each has many statements: fewer would say that nothing was held.
      expect(rounds.length).toBeGreaterThan(8);
      // PostgreSQL lets the other go ahead until the first has locked the person; SQLite has one writer.
      expect(rounds.some(({ overtook }) => overtook)).toBe(engine !== 'sqlite');
      expect(rounds.some(({ overtook }) => !overtook)).toBe(true);
      // A deactivation neither fails because of an assignment, nor runs again after a deadlock with one.
      expect(rounds.filter(({ off, runs }) => off !== 'done' || runs !== 1)).toEqual([]);
      return rounds;
    };
    const requireSoundLog = async (): Promise<void> => {
      const { tenant } = world.harbour;
      const events = await world.vault.db.read((rows) => rows.log.events(tenant, 0, 100_000), request());
      const proofs = { ...proofCrypto, url: URL_OF_WORLD };
      expect(checkLog(logName('vault.example', tenant), events, leafHash, proofs)).toEqual([]);
    };

    it.each(['assignment', 'deactivation'] as const)(
      'leaves a reviewer nothing, wherever the %s stops',
      async (held) => {
        const maker = await lead();
        const rounds = await raceEach(held, async () => {
          const [leaver, stayer] = [await reviewer(), await reviewer()];
          return { maker, leaves: leaver.id, reviewers: [leaver.id, stayer.id] };
        });
        const orders = new Set<string>();
        for (const { batch, leaves, grants } of rounds) {
          const theirs = grants.find(({ reviewer: of }) => of === leaves);
          const others = grants.find(({ reviewer: of }) => of !== leaves);
          // The other reviewer's call is assigned all the same.
          expect([batch, others?.state]).toEqual(['done', 'APPROVED']);
          orders.add(JSON.stringify([theirs?.state, theirs?.log]));
        }
        const [revoked, none] = [
          JSON.stringify(['REVOKED', ['access.assigned', 'person.off', 'grant.revoked person-off']]),
          JSON.stringify([null, ['person.off', 'access.assigned person_off']]),
        ];
        expect([...orders].filter((order) => order !== revoked && order !== none)).toEqual([]);
        expect(orders.has(held === 'assignment' ? revoked : none)).toBe(true);
        await requireSoundLog();
      },
      300_000,
    );

    it.each(['assignment', 'deactivation'] as const)(
      'assigns nothing by a lead who is off, wherever the %s stops',
      async (held) => {
        const rounds = await raceEach(held, async () => {
          const maker = await lead();
          const [one, two] = [await reviewer(), await reviewer()];
          return { maker, leaves: maker.id, reviewers: [one.id, two.id] };
        });
        // Approved before the lead left, like a grant of a request, or denied as a whole.
        const approved = JSON.stringify(['done', 'APPROVED', 'access.assigned', 'person.off']);
        const denied = JSON.stringify(['unauthenticated', null, 'person.off']);
        const seen = rounds.flatMap(({ batch, grants }) =>
          grants.map(({ state, log }) => JSON.stringify([batch, state, ...log])),
        );
        expect(seen.filter((one) => one !== approved && one !== denied)).toEqual([]);
        expect(seen).toContain(held === 'assignment' ? approved : denied);
        await requireSoundLog();
      },
      300_000,
    );
  },
);

function outcomeOf(one: PromiseSettledResult<unknown>): string {
  return one.status === 'fulfilled' ? 'done' : String((one.reason as { code?: unknown }).code ?? one.reason);
}

function throwIt(error: unknown): never {
  throw error;
}

async function waitsForLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ waits: boolean }>(
    `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waits`,
  );
  return rows[0]?.waits === true;
}
