// The proof that a log can grow: one for all who need it within a second, and never one that is older.
import { expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Database } from '../../src/ports/database.ts';
import { logProofs } from '../../src/vault/core/events/log-proofs.ts';
import { manualClock } from '../support/manual-clock.ts';

const request = () => ({ signal: new AbortController().signal });
const jammed = new VaultError('audit_unavailable', 'jam');

/** Proofs over a database whose proofs a test ends. */
function stage() {
  const clock = manualClock();
  const begun: { readonly log: string; readonly succeed: () => void; readonly fail: (error: unknown) => void }[] = [];
  const proveLog: Database['proveLog'] = (log, { signal }) =>
    new Promise((succeed, fail) => {
      signal.addEventListener('abort', () => fail(signal.reason));
      begun.push({ log, succeed, fail });
    });
  const proofs = logProofs({ db: { proveLog } as Database, clock: clock as unknown as Clock });
  return { clock, begun, proofs };
}

it('concurrent callers share one proof of a log, and another log has its own', async () => {
  const { begun, proofs } = stage();
  const waiting = ['a', 'a', 'b', 'a'].map((log) => proofs.require(log, request()));
  expect(begun.map(({ log }) => log)).toEqual(['a', 'b']);
  for (const one of begun) one.succeed();
  await Promise.all(waiting);
});

it('a proof counts for less than a second from its beginning', async () => {
  const { clock, begun, proofs } = stage();
  const first = proofs.require('a', request());
  await clock.forward(600);
  begun[0]?.succeed();
  await first;
  await clock.forward(399);
  await proofs.require('a', request());
  expect(begun).toHaveLength(1);
  await clock.forward(1);
  const second = proofs.require('a', request());
  expect(begun).toHaveLength(2);
  begun[1]?.fail(jammed);
  await expect(second).rejects.toBe(jammed);
});

it('a clock that was set back makes no proof younger', async () => {
  const { clock, begun, proofs } = stage();
  const first = proofs.require('a', request());
  begun[0]?.succeed();
  await first;
  clock.set(clock.now() - 1_000);
  const second = proofs.require('a', request());
  expect(begun).toHaveLength(2);
  begun[1]?.succeed();
  await second;
});

it('a failure is for all who wait for it, and the next caller tries again', async () => {
  const { begun, proofs } = stage();
  const waiting = [proofs.require('a', request()), proofs.require('a', request())];
  begun[0]?.fail(jammed);
  for (const one of waiting) await expect(one).rejects.toBe(jammed);
  const next = proofs.require('a', request());
  expect(begun).toHaveLength(2);
  begun[1]?.succeed();
  await next;
});

it('a proof that took long serves its own caller, and for who joined it another one begins', async () => {
  const { clock, begun, proofs } = stage();
  const first = proofs.require('a', request());
  await clock.forward(900);
  const joined = proofs.require('a', request());
  await clock.forward(900);
  begun[0]?.succeed();
  await first;
  await expect.poll(() => begun.length).toBe(2);
  begun[1]?.fail(jammed);
  await expect(joined).rejects.toBe(jammed);
});

it('a caller who leaves ends only its own wait', async () => {
  const { begun, proofs } = stage();
  const leaving = new AbortController();
  const gone = proofs.require('a', leaving);
  const stays = proofs.require('a', request());
  leaving.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  begun[0]?.succeed();
  await stays;
  expect(begun).toHaveLength(1);
});

it('a database that does not answer is an error that passes', async () => {
  const { clock, begun, proofs } = stage();
  const waiting = proofs.require('a', request());
  waiting.catch(() => undefined);
  await clock.forward(30_000);
  await expect(waiting).rejects.toMatchObject({ code: 'database_busy' });
  expect(begun).toHaveLength(1);
});
