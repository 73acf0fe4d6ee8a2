// An attacker with write access to the database and no key inserts, copies, swaps and edits rows that grant access, in vain.
// Long because it is one list of forgeries over one cast.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { sha256 } from '../../src/bytes/digest.ts';
import { newId } from '../../src/bytes/ids.ts';
import { newSecret } from '../../src/vault/sign-in/secret.ts';
import {
  addPasskeyTo,
  type Browser,
  browserOf,
  createSignInLink,
  requestChallenge,
  signInBrowser,
} from '../support/browser.ts';
import { ENGINES } from '../support/engines.ts';
import { type Row, type RowsBySql, rowsOfPostgres, rowsOfSqlite } from '../support/rows-by-sql.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { wavOf } from '../support/vault.ts';
import { type KeyHolder, makeWorld, type World } from '../support/world.ts';

const AUDIO = wavOf(4_000);

/** A forgery: the change, its reversal, and the attempt to use it. */
type Forgery = {
  readonly table: string;
  readonly name: string;
  /** Forges rows and returns the attempt: a reply that must not succeed. */
  readonly forge: (at: Scene) => Promise<Attempt>;
};
type Attempt = { readonly try: () => Promise<Response>; readonly undo: () => Promise<void> };

/** People, two recordings, and direct access to the database. */
type Scene = {
  readonly world: World;
  readonly rows: RowsBySql;
  readonly tenant: string;
  readonly recording: string;
  readonly second: string;
  readonly reviewer: KeyHolder;
  readonly colleague: KeyHolder;
  readonly supervisor: KeyHolder;
  readonly uploader: KeyHolder;
  readonly auditor: KeyHolder;
};

const find = async ({ rows }: Scene, table: string, which: Row): Promise<Row> => {
  const same = (row: Row) => Object.entries(which).every(([name, value]) => row[name] === value);
  const found = (await rows.all(table)).filter(same);
  if (found.length !== 1) throw new Error(`${found.length} rows of ${table}`);
  return found[0] as Row;
};
const keyOfRow = (table: string, row: Row): Row =>
  table === 'decision'
    ? { tenant: row['tenant'], request: row['request'], approver: row['approver'] }
    : { tenant: row['tenant'], id: row['id'] };

/** Edits a row; the reversal restores the columns. */
async function edit(at: Scene, table: string, which: Row, values: Row): Promise<() => Promise<void>> {
  const before = await find(at, table, which);
  const kept = Object.fromEntries(Object.keys(values).map((name) => [name, before[name]]));
  await at.rows.set(table, keyOfRow(table, before), values);
  return () => at.rows.set(table, keyOfRow(table, before), kept);
}

async function insert(at: Scene, table: string, row: Row): Promise<() => Promise<void>> {
  await at.rows.insert(table, row);
  return () => at.rows.remove(table, keyOfRow(table, row));
}

/** Swaps these columns between two rows. */
async function swap(at: Scene, table: string, one: Row, other: Row, columns: readonly string[]) {
  const [a, b] = [await find(at, table, one), await find(at, table, other)];
  const of = (row: Row) => Object.fromEntries(columns.map((name) => [name, row[name]]));
  await at.rows.set(table, keyOfRow(table, a), of(b));
  await at.rows.set(table, keyOfRow(table, b), of(a));
  return async () => {
    await at.rows.set(table, keyOfRow(table, a), of(a));
    await at.rows.set(table, keyOfRow(table, b), of(b));
  };
}

const list = ({ world }: Scene, key: string) => world.call('GET', '/v1/recordings', { key });
/** Opens a session and listens. */
async function hear({ world }: Scene, key: string, grant: string): Promise<Response> {
  const opened = await world.call('POST', `/v1/grants/${grant}/sessions`, { key });
  if (opened.status !== 201) return opened;
  const { id } = (await opened.json()) as { id: string };
  return world.call('GET', `/v1/sessions/${id}/media`, { key });
}
const media = ({ world }: Scene, key: string, session: string) =>
  world.call('GET', `/v1/sessions/${session}/media`, { key });
const granted = (at: Scene, wish = {}) => at.world.grant(at.world.harbour, at.recording, wish);
const session = async (at: Scene) => at.world.session(at.world.harbour, await granted(at));
async function asked({ world, reviewer, recording }: Scene): Promise<string> {
  const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
  const reply = await world.call('POST', '/v1/access-requests', { key: reviewer.key, json });
  return ((await reply.json()) as { id: string }).id;
}
const approve = ({ world, supervisor }: Scene, id: string) =>
  world.call('POST', `/v1/access-requests/${id}/approve`, { key: supervisor.key });
/** Uses the grant of an approval, if that succeeded. */
async function approveAndHear(at: Scene, id: string, key: string): Promise<Response> {
  const approved = await approve(at, id);
  if (approved.status !== 200) return approved;
  const { grant } = (await approved.json()) as { grant: { id: string } | null };
  return grant === null ? new Response(null, { status: 403 }) : hear(at, key, grant.id);
}
const secretOf = (id: string) => `cv_${id.slice(4)}_${'A'.repeat(43)}`;
const me = (browser: Browser) => browser.call('GET', '/v1/recordings');
const asBrowser = (at: Scene, secret: string): Browser => {
  const browser = browserOf(at.world);
  browser.cookies.set('__Host-callvault', { value: secret, path: '/' });
  return browser;
};

const FORGERIES: readonly Forgery[] = [
  {
    table: 'api_key',
    name: 'inserted for a reviewer',
    forge: async (at) => {
      const id = newId('key');
      const like = await find(at, 'api_key', { principal: at.reviewer.id });
      const undo = await insert(at, 'api_key', { ...like, id, hash: sha256(secretOf(id)), mac: null });
      return { undo, try: () => list(at, secretOf(id)) };
    },
  },
  {
    table: 'api_key',
    name: 'copied with its MAC under another id',
    forge: async (at) => {
      const id = newId('key');
      const like = await find(at, 'api_key', { principal: at.reviewer.id });
      const undo = await insert(at, 'api_key', { ...like, id, hash: sha256(secretOf(id)) });
      return { undo, try: () => list(at, secretOf(id)) };
    },
  },
  ...['principal', 'scopes', 'expires', 'state'].map((column) => ({
    table: 'api_key',
    name: `edited: its ${column}`,
    forge: async (at: Scene) => {
      const { id, secret } = await at.world.keyOf(at.tenant, at.uploader.id);
      if (column === 'state') {
        const undone = await edit(at, 'api_key', { id }, { state: 'REVOKED', mac: null });
        await undone().then(() => at.rows.set('api_key', { id }, { mac: null }));
        return { undo: async () => undefined, try: () => at.world.call('GET', '/v1/me', { key: secret }) };
      }
      const to = { principal: at.reviewer.id, scopes: 'listen,read,request', expires: '2099-01-01T00:00:00.000Z' };
      const undo = await edit(at, 'api_key', { id }, { [column]: to[column as keyof typeof to] });
      return { undo, try: () => at.world.call('GET', '/v1/me', { key: secret }) };
    },
  })),
  {
    table: 'api_key',
    name: 'with the secret of another one',
    forge: async (at) => {
      const { id, secret } = await at.world.keyOf(at.tenant, at.uploader.id);
      const mine = await find(at, 'api_key', { id });
      const reviewers = await find(at, 'api_key', { principal: at.reviewer.id });
      const undo = await swap(at, 'api_key', { id }, { id: reviewers['id'] }, ['hash']);
      const claimed = `cv_${String(reviewers['id']).slice(4)}_${secret.slice(-43)}`;
      expect(mine['hash']).toBeDefined();
      // The hash covers the id in the secret, so the forger writes the hash of the presented secret into the reviewer's row.
      await at.rows.set('api_key', { id: reviewers['id'] }, { hash: sha256(claimed) });
      return { undo, try: () => list(at, claimed) };
    },
  },
  {
    table: 'principal',
    name: 'edited: its roles',
    forge: async (at) => {
      const undo = await edit(at, 'principal', { id: at.auditor.id }, { roles: 'admin' });
      return { undo, try: () => at.world.call('GET', '/v1/people', { key: at.auditor.key }) };
    },
  },
  {
    table: 'principal',
    name: 'inserted with its own key',
    forge: async (at) => {
      const [id, key] = [newId('usr'), newId('key')];
      const person = await find(at, 'principal', { id: at.reviewer.id });
      const like = await find(at, 'api_key', { principal: at.reviewer.id });
      const undoPerson = await insert(at, 'principal', { ...person, id });
      const undoKey = await insert(at, 'api_key', { ...like, id: key, principal: id, hash: sha256(secretOf(key)) });
      const undo = async () => {
        await undoKey();
        await undoPerson();
      };
      return { undo, try: () => list(at, secretOf(key)) };
    },
  },
  {
    table: 'principal',
    name: 'deactivated and set active again',
    forge: async (at) => {
      const person = await at.world.person(at.tenant, ['reviewer']);
      const before = await find(at, 'principal', { id: person.id });
      await at.world.turnOff(at.tenant, person.id);
      await at.rows.set('principal', { id: person.id }, { state: 'ACTIVE' });
      for (const key of await at.rows.all('api_key')) {
        if (key['principal'] === person.id) await at.rows.set('api_key', { id: key['id'] }, { state: 'ACTIVE' });
      }
      expect(before['mac']).not.toBeNull();
      return { undo: async () => undefined, try: () => list(at, person.key) };
    },
  },
  {
    table: 'principal',
    name: 'with the roles of another one',
    forge: async (at) => {
      const undo = await swap(at, 'principal', { id: at.auditor.id }, { id: at.reviewer.id }, ['roles', 'mac']);
      return { undo, try: () => list(at, at.reviewer.key) };
    },
  },
  {
    table: 'sign_in',
    name: 'inserted for a supervisor',
    forge: async (at) => {
      await signInBrowser(at.world, at.tenant, at.supervisor.id);
      const like = (await at.rows.all('sign_in')).find((row) => row['principal'] === at.supervisor.id) as Row;
      const id = newId('sgn');
      const { secret, hash } = newSecret('cvs', id);
      const undo = await insert(at, 'sign_in', { ...like, id, hash });
      return { undo, try: () => me(asBrowser(at, secret)) };
    },
  },
  ...(['principal', 'auth_time', 'ends', 'state'] as const).map((column) => ({
    table: 'sign_in',
    name: `edited: its ${column}`,
    forge: async (at: Scene) => {
      const browser = await signInBrowser(at.world, at.tenant, at.colleague.id);
      const id = `sgn_${String(browser.cookies.get('__Host-callvault')?.value).slice(4, 30)}`;
      if (column === 'state') {
        await browser.call('DELETE', '/v1/sign-in');
        const row = await find(at, 'sign_in', { id });
        await at.rows.set('sign_in', keyOfRow('sign_in', row), { state: 'LIVE', ended: null, reason: null });
        const cookie = newSecret('cvs', id);
        await at.rows.set('sign_in', keyOfRow('sign_in', row), { hash: cookie.hash });
        return { undo: async () => undefined, try: () => me(asBrowser(at, cookie.secret)) };
      }
      const to = {
        principal: at.supervisor.id,
        auth_time: '2099-01-01T00:00:00.000Z',
        ends: '2099-01-01T00:00:00.000Z',
      };
      const undo = await edit(at, 'sign_in', { id }, { [column]: to[column] });
      return { undo, try: () => me(browser) };
    },
  })),
  ...['inserted for a supervisor', 'given to a supervisor', 'opened again'].map((name) => ({
    table: 'sign_in_link',
    name,
    forge: async (at: Scene) => {
      const mine = await createSignInLink(at.world, at.tenant, at.colleague.id);
      const row = await find(at, 'sign_in_link', { id: `lnk_${mine.slice(4, 30)}` });
      const open = (secret: string) => browserOf(at.world).call('POST', '/v1/sign-in/link', { json: { secret } });
      const which = keyOfRow('sign_in_link', row);
      if (name === 'opened again') {
        expect((await open(mine)).status).toBe(200);
        await at.rows.set('sign_in_link', which, { state: 'OPEN' });
        return { undo: () => at.rows.set('sign_in_link', which, { state: 'USED' }), try: () => open(mine) };
      }
      if (name === 'given to a supervisor') {
        const undo = await edit(at, 'sign_in_link', which, { principal: at.supervisor.id });
        return { undo, try: () => open(mine) };
      }
      const id = newId('lnk');
      const { secret, hash } = newSecret('cvl', id);
      const undo = await insert(at, 'sign_in_link', { ...row, id, hash, principal: at.supervisor.id });
      return { undo, try: () => open(secret) };
    },
  })),
  ...['given to a supervisor', 'with the key of another authenticator', 'inserted for a supervisor'].map((name) => ({
    table: 'passkey',
    name,
    forge: async (at: Scene) => {
      const { id } = await at.world.person(at.tenant, ['reviewer']);
      const key = await addPasskeyTo(await signInBrowser(at.world, at.tenant, id));
      const other = await at.world.person(at.tenant, ['reviewer']);
      const stranger = await addPasskeyTo(await signInBrowser(at.world, at.tenant, other.id));
      const signIn = async (by: ReturnType<typeof createAuthenticator>) => {
        const browser = browserOf(at.world);
        const { challenge_id, options } = await requestChallenge(browser, '/v1/sign-in/passkey/options');
        const json = { challenge_id, response: by.prove(options) };
        return browser.call('POST', '/v1/sign-in/passkey', { json });
      };
      const row = await find(at, 'passkey', { principal: id });
      if (name === 'given to a supervisor') {
        const undo = await edit(at, 'passkey', { id: row['id'] }, { principal: at.supervisor.id });
        return { undo, try: () => signIn(key) };
      }
      const strangers = await find(at, 'passkey', { principal: other.id });
      if (name === 'inserted for a supervisor') {
        const undo = await edit(at, 'passkey', { id: strangers['id'] }, { state: 'REMOVED' });
        const copy = { ...strangers, id: newId('pky'), principal: at.supervisor.id };
        const undoCopy = await insert(at, 'passkey', copy);
        const both = async () => {
          await undoCopy();
          await undo();
        };
        return { undo: both, try: () => signIn(stranger) };
      }
      await at.rows.set('passkey', keyOfRow('passkey', strangers), { state: 'REMOVED' });
      const { public_key, credential } = strangers;
      const undo = await edit(at, 'passkey', { id: row['id'] }, { public_key, credential });
      return { undo, try: () => signIn(stranger) };
    },
  })),
  {
    table: 'policy',
    name: 'edited: nobody approves, for ever',
    forge: async (at) => {
      const row = await find(at, 'policy', { tenant: at.tenant });
      const grant = await granted(at);
      const body = String(row['body']).replaceAll('"longestMinutes":60', '"longestMinutes":9999');
      const undo = await edit(at, 'policy', { id: row['id'] }, { body });
      return { undo, try: () => hear(at, at.reviewer.key, grant) };
    },
  },
  {
    table: 'policy',
    name: 'inserted as the newest',
    forge: async (at) => {
      const row = await find(at, 'policy', { tenant: at.tenant });
      const grant = await granted(at);
      const undo = await insert(at, 'policy', { ...row, id: newId('pol') });
      return { undo, try: () => hear(at, at.reviewer.key, grant) };
    },
  },
  ...(['requester', 'recording', 'minutes', 'approvals_needed'] as const).map((column) => ({
    table: 'access_request',
    name: `edited: its ${column}`,
    forge: async (at: Scene) => {
      const id = await asked(at);
      const to = { requester: at.colleague.id, recording: at.second, minutes: 60, approvals_needed: 0 };
      const undo = await edit(at, 'access_request', { id }, { [column]: to[column] });
      return { undo, try: () => approveAndHear(at, id, column === 'requester' ? at.colleague.key : at.reviewer.key) };
    },
  })),
  {
    table: 'access_request',
    name: 'copied for another person',
    forge: async (at) => {
      const row = await find(at, 'access_request', { id: await asked(at) });
      const id = newId('req');
      const undo = await insert(at, 'access_request', { ...row, id, requester: at.colleague.id });
      return { undo, try: () => approveAndHear(at, id, at.colleague.key) };
    },
  },
  {
    table: 'decision',
    name: 'inserted as one of two approvals',
    forge: async (at) => {
      const id = await asked(at);
      const row = { tenant: at.tenant, request: id, approver: at.colleague.id, decision: 'approve' };
      const at2 = '2026-11-25T12:00:00.000Z';
      const undo = await insert(at, 'decision', {
        ...row,
        at: at2,
        words: null,
        minutes: null,
        objects: null,
        mac: null,
      });
      return { undo, try: () => approveAndHear(at, id, at.reviewer.key) };
    },
  },
  ...(['person', 'recording', 'expires', 'uses_left', 'state'] as const).map((column) => ({
    table: 'access_grant',
    name: `edited: its ${column}`,
    forge: async (at: Scene) => {
      const id = await granted(at);
      if (column === 'state') {
        await at.world.call('POST', `/v1/grants/${id}/revoke`, { key: at.supervisor.key });
        await at.rows.set('access_grant', { id }, { state: 'APPROVED', revoked_at: null, revoked_by: null });
        return { undo: async () => undefined, try: () => hear(at, at.reviewer.key, id) };
      }
      const to = { person: at.colleague.id, recording: at.second, expires: '2099-01-01T00:00:00.000Z', uses_left: 99 };
      const undo = await edit(at, 'access_grant', { id }, { [column]: to[column] });
      return { undo, try: () => hear(at, column === 'person' ? at.colleague.key : at.reviewer.key, id) };
    },
  })),
  {
    table: 'access_grant',
    name: 'inserted',
    forge: async (at) => {
      const like = await find(at, 'access_grant', { id: await granted(at) });
      const id = newId('grt');
      const undo = await insert(at, 'access_grant', { ...like, id, request: newId('req'), recording: at.second });
      return { undo, try: () => hear(at, at.reviewer.key, id) };
    },
  },
  {
    table: 'access_grant',
    name: 'with the recording of another one',
    forge: async (at) => {
      const [one, other] = [await granted(at), await at.world.grant(at.world.harbour, at.second)];
      const undo = await swap(at, 'access_grant', { id: one }, { id: other }, ['recording', 'mac']);
      return { undo, try: () => hear(at, at.reviewer.key, one) };
    },
  },
  ...(['recording', 'ends', 'grant', 'principal'] as const).map((column) => ({
    table: 'session',
    name: `edited: its ${column}`,
    forge: async (at: Scene) => {
      const id = await session(at);
      const other = await at.world.grant(at.world.harbour, at.second);
      const to = { recording: at.second, ends: '2099-01-01T00:00:00.000Z', grant: other, principal: at.colleague.id };
      const undo = await edit(at, 'session', { id }, { [column]: to[column] });
      return { undo, try: () => media(at, column === 'principal' ? at.colleague.key : at.reviewer.key, id) };
    },
  })),
  {
    table: 'session',
    name: 'ended and set live again',
    forge: async (at) => {
      const id = await session(at);
      await at.world.call('DELETE', `/v1/sessions/${id}`, { key: at.reviewer.key });
      await at.rows.set('session', { id }, { state: 'LIVE', ended: null, reason: null });
      return { undo: async () => undefined, try: () => media(at, at.reviewer.key, id) };
    },
  },
  {
    table: 'session',
    name: 'inserted',
    forge: async (at) => {
      const like = await find(at, 'session', { id: await session(at) });
      const id = newId('ses');
      const undo = await insert(at, 'session', { ...like, id, recording: at.second });
      return { undo, try: () => media(at, at.reviewer.key, id) };
    },
  },
];

describe.each(ENGINES)('rows forged on $engine $reason', ({ engine, present }) => {
  let at: Scene;

  beforeAll(async () => {
    if (!present) return;
    const url = engine === 'postgresql' ? await freshDatabase(await serverOf('postgresql')) : null;
    const world = await makeWorld(url === null ? {} : { postgres: url });
    const rows = url === null ? rowsOfSqlite(join(world.folder, 'vault.db')) : await rowsOfPostgres(url);
    const { harbour } = world;
    const { tenant, reviewer, colleague, supervisor, uploader, auditor } = harbour;
    const deposit = async (callId: string) => {
      return world.deposited(harbour, callId, AUDIO, { 'Vault-Meta-Basis': 'consent' });
    };
    const [recording, second] = [await deposit('one'), await deposit('two')];
    at = { world, rows, tenant, recording, second, reviewer, colleague, supervisor, uploader, auditor };
  });
  afterAll(async () => {
    await at?.rows.close();
    await at?.world.end();
  });

  const refusals = async (table: string): Promise<number> => {
    const leaves = (await at.rows.all('audit_event')).map(({ leaf }) => String(Buffer.from(leaf as Uint8Array)));
    return leaves
      .map((leaf) => JSON.parse(leaf))
      .filter((leaf) => {
        return leaf.action === 'authority.refused' && leaf.object.type === table && leaf.outcome === 'refused';
      }).length;
  };

  it.skipIf(!present)('allows every attempt without a forgery', async () => {
    const heard = await hear(at, at.reviewer.key, await granted(at));
    expect(heard.status).toBe(200);
    expect(Buffer.from(await heard.arrayBuffer()).equals(AUDIO)).toBe(true);
    expect((await list(at, at.colleague.key)).status).toBe(200);
    expect(await refusals('access_grant')).toBe(0);
  });

  it.skipIf(!present).each(FORGERIES)('$table $name: denied, and counted in the log', async ({ table, forge }) => {
    const before = await refusals(table);
    const attempt = await forge(at);
    const reply = await attempt.try();
    const body = Buffer.from(await reply.arrayBuffer());
    expect([401, 403, 500]).toContain(reply.status);
    expect(body.includes(AUDIO.subarray(1_000, 1_100))).toBe(false);
    // Counted by row and minute: each attempt concerns one row.
    expect(await refusals(table)).toBeGreaterThan(before);
    await attempt.undo();
  });

  it.skipIf(!present)('work again once they are restored', async () => {
    const heard = await hear(at, at.reviewer.key, await granted(at));
    expect(heard.status).toBe(200);
  });
});
