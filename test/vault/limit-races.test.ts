// Limits of a person's listening, reached at once through two processes: no more sessions or requests than allowed.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/model/principal.ts';
import { approve } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import { closeSession } from '../../src/vault/core/sessions/end-session.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { ENGINES } from '../support/engines.ts';
import { setPolicy } from '../support/limits.ts';
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
  const newCall = async (): Promise<string> =>
    (await deposit(test.vault, test.uploader, callAudio(`limited-${calls++}`, wavOf(1_000)), request())).recording;
  const ask = (by: Caller, recording: string, n = 0) => {
    const wish = { recording, purpose: 'quality', objects: ['audio'], minutes: 15, reason: 'sample' } as const;
    return requestAccess(either(n), by, wish, request());
  };
  const grantTo = async (by: Caller): Promise<string> => {
    const asked = await ask(by, await newCall());
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
    const recordings = await Promise.all(many(8).map(newCall));
    const settled = await Promise.allSettled(many(32).map((n) => ask(reviewer, recordings[n % 8] ?? '', n)));
    expect(outcomes(settled)).toEqual({ done: 5, too_many_open: 27 });
    const [first] = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.request.id] : []));
    await approve(test.vault, supervisor, String(first), {}, request());
    expect((await ask(reviewer, recordings[0] ?? '')).request.state).toBe('REQUESTED');
    await setPolicy(test.vault, test.tenant, { openRequests: undefined });
  });
});
