// How much one write of background work does: others wait for SQLite's writer meanwhile.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Notes } from '../../src/ports/database.ts';
import { MOST_WRITTEN } from '../../src/vault/core/concurrency.ts';
import { forgetReplies } from '../../src/vault/core/idempotency/stored-reply.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { forgetChallenges } from '../../src/vault/sign-in/challenges.ts';
import { makeWorld, type World } from '../support/world.ts';

const ROWS = 2 * MOST_WRITTEN + 7;
const LONG_AGO = new Date(0).toISOString();
/** Each row has its time. */
const timeOf = (n: number): string => new Date(n).toISOString();
const request = { signal: AbortSignal.timeout(600_000) };

describe('background work', () => {
  let world: World;
  const insert = (one: (notes: Notes, n: number) => Promise<unknown>) =>
    world.vault.db.note(async (notes) => {
      for (let n = 0; n < ROWS; n++) await one(notes, n);
    }, request);

  /** What each write returned. */
  const writesOf = async (round: (vault: Vault) => Promise<number>): Promise<unknown[]> => {
    const written: unknown[] = [];
    const { db } = world.vault;
    const note: Vault['db']['note'] = async (work, wait) => {
      const result = await db.note(work, wait);
      written.push(result);
      return result;
    };
    expect(await round({ ...world.vault, db: { ...db, note } })).toBe(ROWS);
    return written;
  };

  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(() => world?.end());

  it('forgets replies in short writes', async () => {
    const { tenant, reviewer } = world.harbour;
    const scope = { tenant, principal: reviewer.id, route: 'POST /v1/recordings', owner: 'me' };
    await insert((notes, n) =>
      notes.idempotency.claim({ ...scope, key: randomBytes(16) }, randomBytes(16), LONG_AGO, timeOf(n)),
    );
    expect(await writesOf((vault) => forgetReplies(vault, request))).toEqual([MOST_WRITTEN, MOST_WRITTEN, 7]);
  });

  it('forgets challenges in short writes', async () => {
    await insert((notes, n) => notes.signIns.answered(randomBytes(16).toString('base64url'), timeOf(n)));
    expect(await writesOf((vault) => forgetChallenges(vault, request))).toEqual([MOST_WRITTEN, MOST_WRITTEN, 7]);
  });

  it('forgets challenges of one millisecond together', async () => {
    await insert((notes) => notes.signIns.answered(randomBytes(16).toString('base64url'), LONG_AGO));
    expect(await writesOf((vault) => forgetChallenges(vault, request))).toEqual([ROWS, 0]);
  });

  it('writes no more rows at a time than hold the writer for some milliseconds', () => {
    // At a million recordings 500 replies took 12 ms.
    expect(MOST_WRITTEN).toBeLessThanOrEqual(200);
  });
});
