// Limits of a person's listening, reached at once through two processes: no more sessions or requests than allowed.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/model/principal.ts';
import { begunMinutes } from '../../src/model/served-ranges.ts';
import { approve } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import { closeSession } from '../../src/vault/core/sessions/end-session.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { ENGINES } from '../support/engines.ts';
import { setPolicy } from '../support/limits.ts';
import { unpacedBudgets } from '../support/unpaced.ts';
import { addPerson, callAudio, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const request = () => ({ signal: AbortSignal.timeout(600_000) });
const many = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** How often each code of a failed check, or `done`, is among these. */
function outcomes(settled: readonly PromiseSettledResult<unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of settled) {
    const { checks = [], code } = (one.status === 'rejected' ? one.reason : {}) as {
      checks?: { ok: boolean | null; code?: string }[];
      code?: string;
    };
    const what = one.status === 'fulfilled' ? 'done' : (checks.find(({ ok }) => ok !== true)?.code ?? String(code));
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

/** The audio of a call of four minutes. */
const LONG = wavOf(16_000 * 240);
const EXPECTED = ['access_refused', 'session_ended', 'conflict', 'range_not_satisfiable'];
const codeOf = (error: unknown): string => String((error as { code?: unknown }).code);

type Step = { readonly kind: 'open' | 'close' | 'piece'; readonly of: number; readonly piece: number };
const anyLimits = fc.record({
  sessions: fc.integer({ min: 1, max: 5 }),
  minutes: fc.integer({ min: 1, max: 6 }),
  atOnce: fc.integer({ min: 1, max: 3 }),
});
const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('open', 'open', 'close', 'piece', 'piece', 'piece'),
  of: fc.nat(9),
  piece: fc.nat(7),
});

/** The greatest value that a measure had while work ran, and at its end. */
async function sampled(measure: () => Promise<number>, work: () => Promise<void>): Promise<number> {
  let [most, done] = [0, false];
  const working = work().finally(() => {
    done = true;
  });
  do most = Math.max(most, await measure());
  while (!done);
  await working;
  return Math.max(most, await measure());
}

describe.each(ENGINES)('limits through two processes on $engine $reason', ({ engine, present }) => {
  const test = sharedVault(engine);
  let vaults: readonly [Vault, Vault];
  let supervisor: Caller;
  let calls = 0;

  beforeAll(async () => {
    if (!present) return;
    vaults = [test.vault, await test.another()];
    supervisor = await addPerson(test, 'supervisor');
  });

  const either = (n: number): Vault => vaults[n % 2] as Vault;
  const newCall = async (body = wavOf(1_000)): Promise<string> =>
    (await deposit(test.vault, test.uploader, callAudio(`limited-${calls++}`, body), request())).recording;
  const ask = (by: Caller, recording: string, n = 0) => {
    const wish = { recording, purpose: 'quality', objects: ['audio'], minutes: 15, reason: 'sample' } as const;
    return requestAccess(either(n), by, wish, request());
  };
  const grantTo = async (by: Caller, recording?: string): Promise<string> => {
    const asked = await ask(by, recording ?? (await newCall()));
    const { grant } = await approve(test.vault, supervisor, asked.request.id, {}, request());
    return grant?.id ?? '';
  };
  const openMany = (by: Caller, grants: readonly string[], count: number) =>
    Promise.allSettled(many(count).map((n) => openSession(either(n), by, grants[n % grants.length] ?? '', request())));
  const live = async (grants: readonly string[]): Promise<number> => {
    const found = await test.vault.db.read(
      (rows) => Promise.all(grants.map((id) => rows.sessions.liveOf(test.tenant, id))),
      request(),
    );
    return found.flat().length;
  };

  it.skipIf(!present)('64 openings open no more than the day allows', async () => {
    await setPolicy(test.vault, test.tenant, { uses: 100, perDay: { sessions: 10 }, atOnce: undefined });
    const [reviewer, colleague] = [await addPerson(test, 'reviewer'), await addPerson(test, 'reviewer')];
    const grants = await Promise.all(many(4).map(() => grantTo(reviewer)));
    const another = await grantTo(colleague);
    expect(outcomes(await openMany(reviewer, grants, 64))).toEqual({ done: 10, daily_sessions: 54 });
    expect(await live(grants)).toBe(10);
    // Another person has a day too.
    expect(outcomes(await openMany(colleague, [another], 3))).toEqual({ done: 3 });
  });

  it.skipIf(!present)('64 openings leave no more live sessions than allowed, and an ended one makes room', async () => {
    await setPolicy(test.vault, test.tenant, { uses: 100, perDay: undefined, atOnce: 2 });
    const reviewer = await addPerson(test, 'reviewer');
    const grants = await Promise.all(many(3).map(() => grantTo(reviewer)));
    const settled = await openMany(reviewer, grants, 64);
    expect(outcomes(settled)).toEqual({ done: 2, too_many_live: 62 });
    const opened = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.session.id] : []));
    // Ends and openings at once: never more than two are live.
    const closing = opened.map((id, n) => closeSession(either(n), reviewer, id, request()));
    const [again] = await Promise.all([openMany(reviewer, grants, 16), ...closing]);
    expect(outcomes(again)['done'] ?? 0).toBeLessThanOrEqual(2);
    expect(await live(grants)).toBe(outcomes(again)['done'] ?? 0);
    await openMany(reviewer, grants, 16);
    expect(await live(grants)).toBe(2);
  });

  it.skipIf(!present)('32 requests leave no more undecided than allowed', async () => {
    await setPolicy(test.vault, test.tenant, { atOnce: undefined, openRequests: 5 });
    const reviewer = await addPerson(test, 'reviewer');
    const recordings = await Promise.all(many(8).map(() => newCall()));
    const settled = await Promise.allSettled(many(32).map((n) => ask(reviewer, recordings[n % 8] ?? '', n)));
    expect(outcomes(settled)).toEqual({ done: 5, too_many_open: 27 });
    const [first] = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.request.id] : []));
    await approve(test.vault, supervisor, String(first), {}, request());
    expect((await ask(reviewer, recordings[0] ?? '')).request.state).toBe('REQUESTED');
    await setPolicy(test.vault, test.tenant, { openRequests: undefined });
  });

  it.skipIf(!present)('no interleaving of openings, ends and pieces exceeds any limit', async () => {
    const recordings = await Promise.all(many(2).map(() => newCall(LONG)));
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(anyLimits, fc.array(anyStep, { minLength: 20, maxLength: 50 }), async (limits, steps) => {
        const { sessions, minutes, atOnce } = limits;
        await setPolicy(test.vault, test.tenant, { uses: 100, perDay: undefined, atOnce: undefined });
        const reviewer = await addPerson(test, 'reviewer');
        const grants = await Promise.all(recordings.map((recording) => grantTo(reviewer, recording)));
        await setPolicy(test.vault, test.tenant, { perDay: { sessions, minutes }, atOnce });
        const opened: string[] = [];
        const liveNow = await sampled(
          () => live(grants),
          async () => {
            const step = async ({ kind, of, piece }: Step, n: number): Promise<void> => {
              const vault = { ...either(n), mediaBudgets: unpacedBudgets() };
              const session = opened[of % Math.max(1, opened.length)];
              if (kind === 'open') {
                const made = await openSession(vault, reviewer, grants[of % 2] ?? '', request());
                opened.push(made.session.id);
              } else if (session !== undefined && kind === 'close')
                await closeSession(vault, reviewer, session, request());
              else if (session !== undefined) {
                const audio = await openAudio(vault, reviewer, session, request());
                for await (const _ of audio.readRange(piece * audio.piece, (piece + 1) * audio.piece));
              }
            };
            // Four at a time, in the order of the steps.
            for (let at = 0; at < steps.length; at += 4) {
              const some = steps.slice(at, at + 4).map((one, n) => step(one, at + n));
              const unknown = (await Promise.allSettled(some)).filter(
                (one) => one.status === 'rejected' && !EXPECTED.includes(codeOf(one.reason)),
              );
              expect(unknown).toEqual([]);
            }
          },
        );
        const rows = await test.vault.db.read(
          (read) => Promise.all(opened.map((id) => read.sessions.find(test.tenant, id))),
          request(),
        );
        const played = rows.map((row) => row?.playedMinutes ?? 0);
        expect(opened.length).toBeLessThanOrEqual(sessions);
        expect(liveNow).toBeLessThanOrEqual(atOnce);
        expect(played.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(minutes);
        for (const row of rows) expect(row?.playedMinutes).toBe(begunMinutes(row?.heard ?? []));
        runs += opened.length;
      }),
      { numRuns: 6 },
    );
    expect(runs).toBeGreaterThan(5);
    await setPolicy(test.vault, test.tenant, { perDay: undefined, atOnce: undefined });
  });
});
