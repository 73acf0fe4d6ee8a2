// Actions concurrent with the end of their credential, on PostgreSQL: they commit before that end or not at all.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { revokeApiKey } from '../../src/vault/people/api-keys.ts';
import { authenticateCookie } from '../../src/vault/sign-in/authenticate-cookie.ts';
import { expireSignIns } from '../../src/vault/sign-in/expire.ts';
import { endReplaced } from '../../src/vault/sign-in/sign-out.ts';
import { type Browser, signInBrowser } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { withOtherConnection } from '../support/postgres-database.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

const postgresql = needs('postgresql');
/** Long enough for both to wait for the lock. */
const HELD_MS = 400;

const bodyOf = async <T>(reply: Response): Promise<T> => (await reply.json()) as T;
const minute = () => ({ signal: AbortSignal.timeout(600_000) });

describe.skipIf(!postgresql.present)(`beside the end of a credential ${postgresql.reason}`, () => {
  let world: World;
  let database: string;
  let calls = 0;
  beforeAll(async () => {
    database = await freshDatabase(await serverOf('postgresql'));
    world = await makeWorld({ postgres: database });
  });
  afterAll(() => world.end());

  /** Runs both, the second one later, while another writer locks a row. */
  async function together<T>(held: string, first: () => Promise<T>, second: () => Promise<unknown>): Promise<T> {
    return withOtherConnection(database, async (client) => {
      await client.query('begin');
      await client.query(`select * from ${held} for update`);
      const begun = first();
      await sleep(HELD_MS);
      const ended = second();
      await sleep(HELD_MS);
      await client.query('commit');
      await ended;
      return begun;
    });
  }

  async function recorded(): Promise<string> {
    const reply = await world.ingest(world.harbour, `call-${calls++}`, wav(1000));
    return (await bodyOf<{ recording: string }>(reply)).recording;
  }

  /** A grant of a signed-in person. */
  async function granted(browser: Browser): Promise<string> {
    const json = { recording: await recorded(), purpose: 'quality', reason: 'weekly sample', minutes: 60 };
    const { id } = await bodyOf<{ id: string }>(await browser.call('POST', '/v1/access-requests', { json }));
    const path = `/v1/access-requests/${id}/approve`;
    const approved = await world.call('POST', path, { key: world.harbour.supervisor.key });
    return (await bodyOf<{ grant: { id: string } }>(approved)).grant.id;
  }

  const replaced = async (browser: Browser, id: string) => {
    const cookie = browser.cookies.get('__Host-callvault')?.value ?? '';
    const old = await authenticateCookie(world.vault, cookie, minute());
    await signInBrowser(world, world.harbour.tenant, id);
    const read = world.vault.db.read((rows) => rows.signIns.liveOf(world.harbour.tenant, id), minute());
    const now = (await read).find((one) => one.id !== old.signIn?.id);
    if (now === undefined) throw new Error('the second browser is not signed in');
    return () => endReplaced(world.vault, old, now, minute());
  };
  const expireAll = async () => {
    world.forward(31 * 60_000);
    await expireSignIns(world.vault, minute());
  };

  it.each([
    ['is replaced', replaced],
    ['idles out', async () => expireAll],
  ])('a session opened by a browser ends with its sign-in, though that %s at the same time', async (_, ends) => {
    const { tenant, reviewer } = world.harbour;
    // Only one may end at the same time.
    await expireAll();
    const browser = await signInBrowser(world, tenant, reviewer.id);
    const grant = await granted(browser);
    const end = await ends(browser, reviewer.id);
    const opening = () => browser.call('POST', `/v1/grants/${grant}/sessions`);
    const { id } = await bodyOf<{ id: string }>(await together(`audit_head where log = '${tenant}'`, opening, end));
    const [row] = await withOtherConnection(database, async (client) => {
      return (await client.query('select state, reason from session where id = $1', [id])).rows as unknown[];
    });
    expect(row).toEqual({ state: 'ENDED', reason: 'signed-out' });
    expect(world.vault.sessionKeys.sessions()).toEqual([]);
  });

  async function actions(): Promise<string[]> {
    const reply = await world.call('GET', '/v1/audit/events?limit=1000', { key: world.harbour.auditor.key });
    const { data } = await bodyOf<{ data: { leaf: string }[] }>(reply);
    return data.map(({ leaf }) => (JSON.parse(Buffer.from(leaf, 'base64').toString()) as { action: string }).action);
  }

  it('a decision by an API key precedes the end of the key', async () => {
    const { tenant, reviewer, supervisor } = world.harbour;
    const json = { recording: await recorded(), purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const asked = await world.call('POST', '/v1/access-requests', { key: reviewer.key, json });
    const { id } = await bodyOf<{ id: string }>(asked);
    const key = await world.keyOf(tenant, supervisor.id);
    const reply = await together(
      `access_request where id = '${id}'`,
      () => world.call('POST', `/v1/access-requests/${id}/approve`, { key: key.secret }),
      () => revokeApiKey(world.vault, operatorActor('op-1'), key.id, null, minute()),
    );
    expect(reply.status).toBe(200);
    const told = await actions();
    expect(told.lastIndexOf('access.approved')).toBeLessThan(told.lastIndexOf('api_key.revoked'));
  });

  it('a comment by an API key precedes the end of the key', async () => {
    const { tenant, reviewer } = world.harbour;
    const recording = await recorded();
    const grant = await world.grant(world.harbour, recording);
    const key = await world.keyOf(tenant, reviewer.id);
    const opened = await world.call('POST', `/v1/grants/${grant}/sessions`, { key: key.secret });
    const { id: session } = await bodyOf<{ id: string }>(opened);
    const json = { start_ms: 0, category: 'note', visibility: 'team', text: 'a word' };
    const reply = await together(
      `recording where id = '${recording}'`,
      () => world.call('POST', `/v1/sessions/${session}/comments`, { key: key.secret, json }),
      () => revokeApiKey(world.vault, operatorActor('op-1'), key.id, null, minute()),
    );
    expect(reply.status).toBe(201);
    const told = await actions();
    expect(told.lastIndexOf('comment.added')).toBeLessThan(told.lastIndexOf('api_key.revoked'));
  });
});
