// Signing out concurrent with a step-up or signing in, on PostgreSQL: the sign-out wins.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { type Browser, browserOf, createSignInLink, signInBrowser } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { withOtherConnection } from '../support/postgres-database.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';

const postgresql = needs('postgresql');
/** Long enough for both to wait for the lock on the log's head. */
const HELD_MS = 400;

type Asked = { readonly challenge_id: string; readonly options: object };

describe.skipIf(!postgresql.present)(`signing out beside what begins ${postgresql.reason}`, () => {
  let world: World;
  let database: string;
  beforeAll(async () => {
    database = await freshDatabase(await serverOf('postgresql'));
    world = await makeWorld({ postgres: database });
  });
  afterAll(() => world.end());

  const ask = async (browser: Browser, path: string): Promise<Asked> =>
    (await (await browser.call('POST', `${path}/options`)).json()) as Asked;

  /** A person with a passkey, their browser, and an attacker's browser with the passkey. */
  async function robbed() {
    const { tenant } = world.harbour;
    const { id } = await world.person(tenant, ['supervisor']);
    const own = await signInBrowser(world, tenant, id);
    const key = createAuthenticator(URL_OF_WORLD);
    const { challenge_id, options } = await ask(own, '/v1/passkeys');
    const json = { challenge_id, response: key.make(options), label: 'mine' };
    expect((await own.call('POST', '/v1/passkeys', { json })).status).toBe(201);
    const thief = browserOf(world);
    const prove = async (path: string) => {
      const asked = await ask(thief, path);
      return { json: { challenge_id: asked.challenge_id, response: key.prove(asked.options) } };
    };
    return { id, own, thief, prove };
  }

  /** Runs both while another writer locks the log's head, just after the first proved that the log can grow. */
  async function together(first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<void> {
    await withOtherConnection(database, async (client) => {
      await client.query('begin');
      const db = world.vault.db as { proveLog: (...given: never[]) => Promise<void> };
      const { proveLog } = db;
      db.proveLog = async (...given) => {
        db.proveLog = proveLog;
        await proveLog(...given);
        await client.query('select * from audit_head where log = $1 for update', [world.harbour.tenant]);
      };
      const begun = first();
      await sleep(HELD_MS);
      const ended = second();
      await sleep(HELD_MS);
      await client.query('commit');
      await Promise.all([begun, ended]);
    });
  }

  const replace = (id: string) => createSignInLink(world, world.harbour.tenant, id, { replacePasskeys: true });
  const OUT: readonly [string, (id: string, own: Browser) => Promise<unknown>][] = [
    ['by the person, everywhere', (_, own) => own.call('DELETE', '/v1/sign-ins')],
    ['by an admin', (id) => world.call('POST', `/v1/people/${id}/sign-out`, { key: world.harbour.admin.key })],
    ['by a link that replaces passkeys', replace],
    ['by turning the person off', (id) => world.turnOff(world.harbour.tenant, id)],
  ];

  it.each(OUT)('a step-up does not survive a sign-out %s', async (_, out) => {
    const { id, own, thief, prove } = await robbed();
    expect((await thief.call('POST', '/v1/sign-in/passkey', await prove('/v1/sign-in/passkey'))).status).toBe(200);
    const proof = await prove('/v1/step-up');
    await together(
      () => thief.call('POST', '/v1/step-up', proof),
      () => out(id, own),
    );
    expect((await thief.call('GET', '/v1/me')).status).toBe(401);
  });

  it('a sign-in by passkey does not survive a link that replaces the passkey', async () => {
    const { id, thief, prove } = await robbed();
    const proof = await prove('/v1/sign-in/passkey');
    await together(
      () => thief.call('POST', '/v1/sign-in/passkey', proof),
      () => replace(id),
    );
    expect((await thief.call('GET', '/v1/me')).status).toBe(401);
  });
});
