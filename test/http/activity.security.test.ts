// Activity: isolation of tenants, invalid filters, and rows of the log that someone altered.
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Event = {
  readonly index: number;
  readonly at: string | null;
  readonly actor: { readonly name: string | null } | null;
  readonly action: string | null;
  readonly detail: object | null;
  readonly detail_state: string;
  readonly leaf: string;
  readonly hash: string;
};
type Page = { readonly data: readonly Event[]; readonly log: string };

const world = sharedWorld();
let recording: string;
beforeAll(async () => {
  recording = await world.deposited(world.harbour, 'a', wav(1000));
  await world.grant(world.harbour, recording, { reason: 'secretword', ticket: 'CS-1' });
});

const read = async (query = ''): Promise<Page> => {
  const reply = await world.call('GET', `/v1/activity${query}`, { key: world.harbour.auditor.key });
  expect(reply.status).toBe(200);
  return (await reply.json()) as Page;
};

it('another tenant’s auditor finds nothing of it, with any filter', async () => {
  const { yunhai, harbour } = world;
  for (const query of ['?limit=200', `?recording=${recording}`, `?person=${harbour.reviewer.id}`, '?cursor=999999']) {
    const reply = await world.call('GET', `/v1/activity${query}`, { key: yunhai.auditor.key });
    const text = await reply.text();
    expect(text).toContain(`vault.example/${yunhai.tenant}`);
    for (const foreign of [harbour.tenant, recording, harbour.reviewer.id, 'secretword']) {
      expect(text).not.toContain(foreign);
    }
    // Nor in the leaves, which the reply encodes.
    for (const { leaf } of (JSON.parse(text) as Page).data) {
      expect(Buffer.from(leaf, 'base64').toString()).not.toContain(harbour.tenant);
    }
  }
});

it.each([
  'cursor=-1',
  'cursor=1.5',
  'cursor=x',
  'cursor=1e300',
  'limit=0',
  'limit=201',
  'limit=all',
  'from=yesterday',
  'to=2026-13-01T00:00:00Z',
  'action=Access',
  'action=access.',
  'action=a.b.c',
  'action=a,,b',
  `action=${'a,'.repeat(1000)}b`,
  "action='%20or%201=1",
  'person=a%20b',
  'person=',
  'recording=rec_1',
  'recording=../x',
])('?%s is rejected', async (query) => {
  const reply = await world.call('GET', `/v1/activity?${query}`, { key: world.harbour.auditor.key });
  await expectProblem(reply, 400, 'malformed');
});

describe('altered rows', () => {
  const spoil = (sql: string, ...values: unknown[]): void => {
    const triggers = world.sql.prepare("select name, sql from sqlite_master where type = 'trigger'").all();
    for (const { name } of triggers as { name: string }[]) world.sql.exec(`drop trigger ${name}`);
    world.sql.prepare(sql).run(...values);
    for (const { sql: made } of triggers as { sql: string }[]) world.sql.exec(made);
  };
  const indexOf = async (action: string): Promise<number> =>
    (await read(`?action=${action}`)).data.find((one) => one.action === action)?.index ?? -1;
  const at = async (index: number): Promise<Event | undefined> => (await read(`?cursor=${index + 1}&limit=1`)).data[0];

  it('are visible in the leaf’s hash', async () => {
    const index = await indexOf('access.approved');
    const before = await at(index);
    const forged = Buffer.from(before?.leaf ?? '', 'base64')
      .toString()
      .replace('access.approved', 'access.approvem');
    spoil(
      'update audit_event set leaf = ? where log = ? and seq = ?',
      Buffer.from(forged),
      world.harbour.tenant,
      index,
    );
    const after = await at(index);
    expect(after).toMatchObject({ index, action: 'access.approvem', hash: before?.hash });
    const hash = sha256(Uint8Array.of(0), Buffer.from(after?.leaf ?? '', 'base64')).toString('base64');
    expect(hash).not.toBe(after?.hash);
  });

  it.each(['', 'not json', '{"v":1}', '{"v":1,"ts":1,"actor":{"id":"x"},"object":{"id":"x"}}', 'null', '[]'])(
    'that are no leaf (%s) are returned all the same, under every filter',
    async (leaf) => {
      const index = await indexOf('person.added');
      const { leaf: before } = (await at(index)) ?? { leaf: '' };
      const put = (bytes: Buffer) =>
        spoil('update audit_event set leaf = ? where log = ? and seq = ?', bytes, world.harbour.tenant, index);
      put(Buffer.from(leaf));
      for (const query of ['?limit=200', '?action=session&limit=200', `?recording=${recording}&limit=200`]) {
        const found = (await read(query)).data.find((one) => one.index === index);
        expect(found).toMatchObject({ at: null, actor: null, action: null, detail: null, detail_state: 'none' });
      }
      put(Buffer.from(before, 'base64'));
    },
  );

  it('of a detail: a foreign, a damaged and a missing one are distinguished from the original', async () => {
    const index = await indexOf('access.requested');
    const where = 'where log = ? and seq = ?';
    const [tenant, row] = [world.harbour.tenant, index];
    type Kept = { salt: Buffer; sealed: Buffer };
    const kept = world.sql.prepare(`select salt, sealed from audit_detail ${where}`).get(tenant, row) as Kept;
    const put = async (salt: Buffer | null, sealed: Buffer | null): Promise<string | undefined> => {
      spoil(`update audit_detail set salt = ?, sealed = ? ${where}`, salt, sealed, tenant, row);
      const one = await at(index);
      if (one?.detail_state !== 'opened') expect(one?.detail).toBeNull();
      return one?.detail_state;
    };
    expect(await put(Buffer.alloc(32), kept.sealed)).toBe('differs');
    expect(await put(kept.salt, Buffer.concat([kept.sealed.subarray(0, -1), Buffer.from([0])]))).toBe('differs');
    expect(await put(kept.salt, Buffer.alloc(0))).toBe('differs');
    expect(await put(null, null)).toBe('erased');
    expect(await put(kept.salt, kept.sealed)).toBe('opened');
  });

  it('of a name do not prevent reading the rest', async () => {
    spoil('update principal set name = ? where id = ?', Buffer.alloc(90, 1), world.harbour.supervisor.id);
    const approved = (await read('?action=access')).data.find(({ index }) => index >= 0);
    expect(approved?.actor?.name ?? null).toBeNull();
    expect((await read('?action=log.read')).data[0]?.actor?.name).toBe('Rita');
  });
});
