// The round that drops keys: it runs every second, so that many listeners must not mean many reads.
import { expect, it } from 'vitest';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import type { Database, Rows } from '../../src/ports/database.ts';
import { sessionKeys } from '../../src/vault/core/keys-in-memory/session-keys.ts';
import { dropEndedKeys } from '../../src/vault/listening/drop-ended-keys.ts';

const request = { signal: new AbortController().signal };

/** A database in which these sessions and deposits have ended, and its reads: the tenant and how many ids. */
function databaseWith(endedIds: readonly string[]) {
  const reads: [tenant: string, sessions: number][] = [];
  const left = (ids: readonly string[]) => ids.filter((id) => !endedIds.includes(id));
  const rows = {
    sessions: {
      liveAmong: async (tenant: string, ids: readonly string[]) => {
        reads.push([tenant, ids.length]);
        return left(ids);
      },
    },
    deposits: { availableAmong: async (_tenant: string, ids: readonly string[]) => left(ids) },
  } as unknown as Rows;
  const read: Database['read'] = (work) => work(rows);
  return { db: { read } as Database, reads };
}

it('reads the sessions of a tenant together, and drops the keys of what has ended', async () => {
  const keys = sessionKeys();
  const held = (tenant: string, id: string, deposit: string) =>
    keys.get({ tenant, id }, deposit, async () => new SecretKey(Buffer.alloc(32, 7)));
  for (let n = 0; n < 250; n++) await held('ten_a', `ses_${n}`, `dep_${n}`);
  const ended = await held('ten_b', 'ses_b', 'dep_b');
  const replaced = await held('ten_a', 'ses_7', 'dep_old');
  const kept = await held('ten_a', 'ses_8', 'dep_8');
  const { db, reads } = databaseWith(['ses_b', 'dep_old']);

  expect(await dropEndedKeys({ db, sessionKeys: keys }, request)).toBe(2);
  expect(reads).toEqual([
    ['ten_a', 200],
    ['ten_a', 50],
    ['ten_b', 1],
  ]);
  expect([ended, replaced, kept].map((one) => one.ended.aborted)).toEqual([true, true, false]);
  expect(keys.deposits('ses_7')).toEqual(['dep_7']);
  expect(keys.sessions()).toHaveLength(250);
  expect(await dropEndedKeys({ db, sessionKeys: keys }, request)).toBe(0);
});

it('reads nothing without a listener', async () => {
  const { db, reads } = databaseWith([]);
  expect(await dropEndedKeys({ db, sessionKeys: sessionKeys() }, request)).toBe(0);
  expect(reads).toEqual([]);
});
