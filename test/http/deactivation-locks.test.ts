// The locks of a deactivation on PostgreSQL: rows in ascending order, and the tenant's only for an admin.
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInBrowser } from '../support/browser.ts';
import { type SteppingUp, withPasskey } from '../support/changes.ts';
import { needs } from '../support/needs.ts';
import { withOtherConnection } from '../support/postgres-database.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { type KeyHolder, makeWorld, type World } from '../support/world.ts';

const postgresql = needs('postgresql');

describe.skipIf(!postgresql.present)(`a deactivation on PostgreSQL ${postgresql.reason}`, () => {
  let world: World;
  let database: string;
  let admin: SteppingUp;
  let calls = 0;
  beforeAll(async () => {
    database = await freshDatabase(await serverOf('postgresql'));
    world = await makeWorld({ postgres: database });
    admin = await withPasskey(world, world.harbour.tenant, world.harbour.admin.id);
  }, 300_000);
  afterAll(() => world.end());

  const recording = () => world.deposited(world.harbour, `call-${calls++}`, wav(1000));
  const castOf = (reviewer: KeyHolder) => ({ ...world.harbour, reviewer });
  const requested = async ({ key }: KeyHolder): Promise<string> => {
    const json = { recording: await recording(), purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const reply = await world.call('POST', '/v1/access-requests', { key, json });
    return ((await reply.json()) as { id: string }).id;
  };
  const granted = async (one: KeyHolder) => world.grant(castOf(one), await recording());
  const three = (make: (one: KeyHolder) => Promise<string>) => async (one: KeyHolder) => [
    await make(one),
    await make(one),
    await make(one),
  ];
  /** One by an API key, and two by a browser, which end with its sign-in. */
  const listening = async (one: KeyHolder): Promise<string[]> => {
    const browser = await signInBrowser(world, world.harbour.tenant, one.id);
    const byBrowser = async (): Promise<string> => {
      const opened = await browser.call('POST', `/v1/grants/${await granted(one)}/sessions`);
      return ((await opened.json()) as { id: string }).id;
    };
    return [await world.session(castOf(one), await granted(one)), await byBrowser(), await byBrowser()];
  };
  /** Until a statement of the vault waits for a lock. */
  const waiting = (client: pg.Client): Promise<void> =>
    until('a statement waits for a lock', async () => {
      const { rows } = await client.query<{ waits: boolean }>(
        `select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock') as waits`,
      );
      return rows[0]?.waits === true;
    });

  it.each([
    ['requests', 'access_request', three(requested)],
    ['grants', 'access_grant', three(granted)],
    ['listening sessions', 'session', listening],
  ])('locks %s in ascending order, as an erasure does', async (_, table, make) => {
    const { tenant } = world.harbour;
    const one = await world.person(tenant, ['reviewer']);
    const [first, ...others] = (await make(one)).sort();
    const lock = `select id from ${table} where tenant = $1 and id = any($2) order by id for update nowait`;
    await withOtherConnection(database, async (client) => {
      await client.query('begin');
      await client.query(lock, [tenant, [first]]);
      const off = world.turnOff(tenant, one.id);
      await waiting(client);
      // The server rejects it where the deactivation holds one of them.
      const { rows } = await client.query(lock, [tenant, others]);
      expect(rows.map(({ id }) => id)).toEqual(others);
      await client.query('commit');
      await off;
    });
  });

  it('of a person who is no admin does not wait for the tenant, and that of an admin does', async () => {
    const { tenant } = world.harbour;
    const [reviewer, second] = [await world.person(tenant, ['reviewer']), await world.person(tenant, ['admin'])];
    const off = async ({ id }: KeyHolder) => (await admin.browser.call('POST', `/v1/people/${id}/deactivate`)).status;
    await withOtherConnection(database, async (client) => {
      await client.query('begin');
      await client.query('select tenant from tenant where tenant = $1 for share', [tenant]);
      const begun = off(reviewer);
      expect(await Promise.race([begun, waiting(client).then(() => 'waits')])).toBe(200);
      const other = off(second);
      await waiting(client);
      await client.query('commit');
      expect([await begun, await other]).toEqual([200, 200]);
    });
  });
});
