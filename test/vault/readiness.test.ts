// Readiness: one check for all concurrent requests, cached for a while, and a timeout is a failure.
import { expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { keysCheck, storeCheck } from '../../src/vault/health/checks.ts';
import { NONE_STOPPED, type ReadinessCheck, readiness, type Stopped } from '../../src/vault/health/readiness.ts';

let now = 0;
const clock: Clock = {
  now: () => now,
  steady: () => now,
  worked: () => 0,
  deadline: () => AbortSignal.timeout(20),
  pause: () => Promise.resolve(),
  every: () => () => undefined,
};
const check = (run: ReadinessCheck['run']): ReadinessCheck => ({
  name: 'store',
  uses: ['listen'],
  maxAgeMs: 100,
  code: 'store_unavailable',
  run,
});

it('answers fifty concurrent requests from one check, and later ones until it is old', async () => {
  let looks = 0;
  const { report } = readiness(clock, [
    check(async () => {
      looks++;
      return NONE_STOPPED;
    }),
  ]);
  await Promise.all(Array.from({ length: 50 }, () => report(null)));
  now += 100;
  expect(await report('listen')).toEqual([{ name: 'store', ageMs: 100, code: null, held: 0, ahead: 0 }]);
  expect(looks).toBe(1);
  now += 1;
  await report(null);
  expect(looks).toBe(2);
  // A clock that is set back does not keep a result alive.
  now -= 5000;
  await report(null);
  expect(looks).toBe(3);
  expect(await report('ingest')).toEqual([]);
});

it.each<readonly [string, ReadinessCheck['run'], string]>([
  ['never answers', () => new Promise(() => undefined), 'store_unavailable'],
  ['throws a code', () => Promise.reject(new VaultError('database_busy', 'x')), 'database_busy'],
  ['throws anything', () => Promise.reject(new Error('secretword')), 'store_unavailable'],
])('counts as failed what %s', async (_name, run, code) => {
  expect(await readiness(clock, [check(run)]).report(null)).toEqual([
    { name: 'store', ageMs: 0, code, held: 0, ahead: 0 },
  ]);
});

it('answers before a slow check ends, and returns its result the next time', async () => {
  const hasty: Clock = { ...clock, deadline: (milliseconds) => AbortSignal.timeout(milliseconds / 20) };
  let answer: (stopped: Stopped) => void = () => undefined;
  const slow = readiness(hasty, [check(() => new Promise((resolve) => (answer = resolve)))]);
  const start = performance.now();
  expect(await slow.report(null)).toMatchObject([{ code: 'store_unavailable' }]);
  expect(performance.now() - start).toBeLessThan(2_000);
  answer(NONE_STOPPED);
  expect(await slow.report(null)).toMatchObject([{ code: null }]);
});

it('stays ready for the others where a region is down, and checks nothing without tenants', async () => {
  const row = (region: string, state = 'ACTIVE') => ({
    region,
    bucket: 'b',
    state,
    key: { scheme: 'kms', id: region },
  });
  const over = (all: readonly object[]) => ({ read: async () => all }) as unknown as Parameters<typeof keysCheck>[0];
  const request = { signal: new AbortController().signal };
  const asked: string[] = [];
  const describe = async ({ id }: { id: string }) => {
    asked.push(id);
    if (id === 'down') throw new VaultError('key_service_unavailable', 'x');
    if (id === 'denied') throw new VaultError('key_refused', 'x');
    return 'missing' as const;
  };
  const ask = { describe, provider: { ownsKeys: false } };
  await keysCheck(over([row('down'), row('up'), row('up'), row('gone', 'SUSPENDED')]), ask).run(request);
  expect(asked).toEqual(['down', 'up', 'up']);
  await expect(keysCheck(over([row('down')]), ask).run(request)).rejects.toMatchObject({
    code: 'key_service_unavailable',
  });
  await keysCheck(over([]), ask).run(request);
  await expect(keysCheck(over([row('up')]), { describe, provider: { ownsKeys: true } }).run(request)).rejects.toThrow(
    'the key service does not have its keys',
  );
  // A customer who denies or deletes a key causes no failure; where all deny, callvault's permission is missing.
  await keysCheck(over([row('denied'), row('up')]), ask).run(request);
  await expect(keysCheck(over([row('denied'), row('denied')]), ask).run(request)).rejects.toMatchObject({
    code: 'key_refused',
  });
  const head = () => Promise.reject(new VaultError('store_unavailable', 'x'));
  await expect(storeCheck(over([row('down')]), { head }).run(request)).rejects.toMatchObject({
    code: 'store_unavailable',
  });
});
