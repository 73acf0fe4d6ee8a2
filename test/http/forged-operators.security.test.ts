// An attacker with write access to the database inserts and edits rows of the deployment's people, which have no MAC, in vain.
// Long because it is one list of forgeries over one cast.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { logRereader } from '../../src/vault/sealing/reread-logs.ts';
import { newSecret } from '../../src/vault/sign-in/secret.ts';
import { checkPeople } from '../../src/vault/verify/check-people.ts';
import { addFurtherPasskey, type Browser, browserOf, createSignInLink, requestChallenge } from '../support/browser.ts';
import { eventsOf, type SteppingUp, stepUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { type Row, type RowsBySql, rowsOfPostgres, rowsOfSqlite } from '../support/rows-by-sql.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { makeWorld, type World } from '../support/world.ts';

type Scene = {
  readonly world: World;
  readonly rows: RowsBySql;
  readonly day: SteppingUp;
  readonly night: SteppingUp;
  readonly auditor: SteppingUp;
};

/** What was forged, how to use it, and how to take it back. `found`: not in what `verify` compares. */
type Attempt = {
  readonly id: string;
  readonly try: () => Promise<Response>;
  readonly undo: () => Promise<void>;
  readonly isFound?: false;
};
type Forgery = {
  readonly table: string;
  readonly name: string;
  readonly forge: (at: Scene) => Promise<Attempt>;
};

const DEPLOYMENT = 'deployment';
const asBrowser = ({ world }: Scene, secret: string): Browser => {
  const browser = browserOf(world);
  browser.cookies.set('__Host-callvault', { value: secret, path: '/' });
  return browser;
};
const me = (browser: Browser) => browser.call('GET', '/v1/me');
const openLink = ({ world }: Scene, secret: string) =>
  browserOf(world).call('POST', '/v1/sign-in/link', { json: { secret } });
async function signIn({ world }: Scene, { key }: SteppingUp): Promise<Response> {
  const browser = browserOf(world);
  const { challenge_id, options } = await requestChallenge(browser, '/v1/sign-in/passkey/options');
  return browser.call('POST', '/v1/sign-in/passkey', { json: { challenge_id, response: key.prove(options) } });
}
async function find({ rows }: Scene, table: string, which: Row): Promise<Row> {
  const found = (await rows.all(table)).filter((row) =>
    Object.entries(which).every(([name, value]) => row[name] === value),
  );
  if (found.length !== 1) throw new Error(`${found.length} rows of ${table}`);
  return found[0] as Row;
}
async function edit(at: Scene, table: string, which: Row, values: Row): Promise<() => Promise<void>> {
  const row = await find(at, table, which);
  const kept = Object.fromEntries(Object.keys(values).map((name) => [name, row[name]]));
  await at.rows.set(table, { id: row['id'] }, values);
  return () => at.rows.set(table, { id: row['id'] }, kept);
}

/** A new sign-in with a known secret for this person, whose row is like the live one of `like`. */
async function insertSignIn(at: Scene, like: string, principal: string): Promise<Attempt> {
  const row = await find(at, 'sign_in', { principal: like, state: 'LIVE' });
  const id = newId('sgn');
  const { secret, hash } = newSecret('cvs', id);
  await at.rows.insert('sign_in', { ...row, id, principal, hash });
  return { id, try: () => me(asBrowser(at, secret)), undo: () => at.rows.remove('sign_in', { id }) };
}

/** A person like an existing one, with a live sign-in. */
async function insertPerson(at: Scene, like: string, more: Row): Promise<Attempt> {
  const id = newId('usr');
  const row = await find(at, 'principal', { id: like });
  await at.rows.insert('principal', { ...row, id, name: Buffer.from('ops-99'), ...more });
  const signedIn = await insertSignIn(at, like, id);
  const undo = async () => {
    await signedIn.undo();
    await at.rows.remove('principal', { id });
  };
  return { id, try: signedIn.try, undo };
}

/** An edit of the row of a signed-in person. */
const edited = (table: string, name: string, columns: (at: Scene) => Promise<Row> | Row): Forgery => ({
  table,
  name,
  forge: async (at) => {
    const which = table === 'principal' ? { id: at.day.id } : { principal: at.day.id, state: 'LIVE' };
    const { id } = await find(at, table, which);
    const undo = await edit(at, table, which, await columns(at));
    return { id: String(id), undo, try: () => me(at.day.browser) };
  },
});

const FORGERIES: readonly Forgery[] = [
  { table: 'principal', name: 'operator inserted', forge: (at) => insertPerson(at, at.day.id, {}) },
  {
    table: 'principal',
    name: 'operator inserted without an event',
    forge: (at) => insertPerson(at, at.day.id, { leaf_index: null }),
  },
  { table: 'principal', name: 'auditor inserted', forge: (at) => insertPerson(at, at.auditor.id, {}) },
  edited('principal', 'with the event of another operator', async (at) => {
    return { leaf_index: (await find(at, 'principal', { id: at.night.id }))['leaf_index'] };
  }),
  edited('principal', 'with an index that the log does not have', () => ({ leaf_index: 1_000_000 })),
  edited('principal', 'with an index below 0', () => ({ leaf_index: -1 })),
  edited('principal', 'with another role', () => ({ roles: 'auditor' })),
  edited('principal', 'with two roles', () => ({ roles: 'auditor,operator' })),
  edited('principal', 'with another staff code', () => ({ name: Buffer.from('ops-98') })),
  {
    table: 'principal',
    name: 'deactivated and set active again, with its sign-in',
    forge: async (at) => {
      const one = await withPasskey(at.world, DEPLOYMENT, await at.world.operator(`ops-${newId('evt').slice(-8)}`));
      const { id: signIn } = await find(at, 'sign_in', { principal: one.id, state: 'LIVE' });
      await at.world.turnOff(DEPLOYMENT, one.id);
      await at.rows.set('principal', { id: one.id }, { state: 'ACTIVE' });
      await at.rows.set('sign_in', { id: signIn }, { state: 'LIVE', ended: null, reason: null });
      const undo = async () => {
        await at.rows.set('principal', { id: one.id }, { state: 'OFF' });
        await at.rows.set('sign_in', { id: signIn }, { state: 'ENDED' });
      };
      return { id: one.id, undo, try: () => me(one.browser) };
    },
  },
  {
    table: 'passkey',
    name: 'of someone else, inserted for an operator',
    forge: async (at) => {
      const row = await find(at, 'passkey', { principal: at.night.id });
      const id = newId('pky');
      await at.rows.remove('passkey', { id: row['id'] });
      await at.rows.insert('passkey', { ...row, id, principal: at.day.id });
      const undo = async () => {
        await at.rows.remove('passkey', { id });
        await at.rows.insert('passkey', row);
      };
      return { id, undo, try: () => signIn(at, at.night) };
    },
  },
  {
    table: 'passkey',
    name: 'with the key of another one',
    forge: async (at) => {
      const [own, other] = [
        await find(at, 'passkey', { principal: at.day.id }),
        await find(at, 'passkey', { principal: at.night.id }),
      ];
      const hide = await edit(at, 'passkey', { id: other['id'] }, { credential: 'aGlkZGVu' });
      const { public_key, credential } = other;
      const swap = await edit(at, 'passkey', { id: own['id'] }, { public_key, credential });
      const undo = async () => {
        await swap();
        await hide();
      };
      return { id: String(own['id']), undo, try: () => signIn(at, at.night) };
    },
  },
  {
    table: 'passkey',
    name: 'removed and set active again',
    forge: async (at) => {
      const one = await withPasskey(at.world, DEPLOYMENT, await at.world.operator(`ops-${newId('evt').slice(-8)}`));
      const { id } = await find(at, 'passkey', { principal: one.id });
      await createSignInLink(at.world, DEPLOYMENT, one.id, { replacePasskeys: true });
      await at.rows.set('passkey', { id }, { state: 'ACTIVE' });
      return {
        id: String(id),
        undo: () => at.rows.set('passkey', { id }, { state: 'REMOVED' }),
        try: () => signIn(at, one),
      };
    },
  },
  {
    table: 'sign_in_link',
    name: 'inserted for an operator without a passkey',
    forge: async (at) => {
      const person = await at.world.operator(`ops-${newId('evt').slice(-8)}`);
      await createSignInLink(at.world, DEPLOYMENT, person);
      const row = await find(at, 'sign_in_link', { principal: person, state: 'OPEN' });
      const id = newId('lnk');
      const { secret, hash } = newSecret('cvl', id);
      await at.rows.insert('sign_in_link', { ...row, id, hash });
      return { id, undo: () => at.rows.remove('sign_in_link', { id }), try: () => openLink(at, secret) };
    },
  },
  {
    table: 'sign_in_link',
    name: 'with the hash of a known secret',
    forge: async (at) => {
      const person = await at.world.operator(`ops-${newId('evt').slice(-8)}`);
      await createSignInLink(at.world, DEPLOYMENT, person);
      const which = { principal: person, state: 'OPEN' };
      const { id } = await find(at, 'sign_in_link', which);
      const { secret, hash } = newSecret('cvl', String(id));
      const undo = await edit(at, 'sign_in_link', which, { hash });
      return { id: String(id), undo, try: () => openLink(at, secret) };
    },
  },
  {
    table: 'sign_in_link',
    name: 'used and set open again',
    forge: async (at) => {
      const person = await at.world.operator(`ops-${newId('evt').slice(-8)}`);
      const secret = await createSignInLink(at.world, DEPLOYMENT, person);
      await openLink(at, secret);
      const { id } = await find(at, 'sign_in_link', { principal: person });
      await at.rows.set('sign_in_link', { id }, { state: 'OPEN' });
      const undo = () => at.rows.set('sign_in_link', { id }, { state: 'USED' });
      return { id: String(id), undo, try: () => openLink(at, secret) };
    },
  },
  {
    table: 'sign_in_link',
    name: 'replaced and set open again',
    forge: async (at) => {
      const person = await at.world.operator(`ops-${newId('evt').slice(-8)}`);
      const secret = await createSignInLink(at.world, DEPLOYMENT, person);
      const { id } = await find(at, 'sign_in_link', { principal: person });
      await createSignInLink(at.world, DEPLOYMENT, person);
      await at.rows.set('sign_in_link', { id }, { state: 'OPEN' });
      const undo = () => at.rows.set('sign_in_link', { id }, { state: 'WITHDRAWN' });
      return { id: String(id), undo, try: () => openLink(at, secret) };
    },
  },
  { table: 'sign_in', name: 'inserted for an operator', forge: (at) => insertSignIn(at, at.day.id, at.day.id) },
  {
    table: 'sign_in',
    name: 'with the hash of a known cookie',
    forge: async (at) => {
      const which = { principal: at.day.id, state: 'LIVE' };
      const { id } = await find(at, 'sign_in', which);
      const { secret, hash } = newSecret('cvs', String(id));
      const undo = await edit(at, 'sign_in', which, { hash });
      return { id: String(id), undo, try: () => me(asBrowser(at, secret)) };
    },
  },
  edited('sign_in', 'with a later end', () => ({ ends: '2099-01-01T00:00:00.000Z' })),
  edited('sign_in', 'by another method', () => ({ method: 'passkey' })),
  {
    table: 'sign_in',
    name: 'with a later confirmation than the log has',
    forge: async (at) => {
      const which = { principal: at.day.id, state: 'LIVE' };
      const { id } = await find(at, 'sign_in', which);
      const undo = await edit(at, 'sign_in', which, { auth_time: '2099-01-01T00:00:00.000Z' });
      return { id: String(id), undo, isFound: false, try: () => at.day.browser.call('POST', '/v1/passkeys/options') };
    },
  },
  {
    table: 'sign_in',
    name: 'with the confirmation of another sign-in',
    forge: async (at) => {
      const person = await at.world.operator(`ops-${newId('evt').slice(-8)}`);
      const browser = browserOf(at.world);
      await browser.call('POST', '/v1/sign-in/link', {
        json: { secret: await createSignInLink(at.world, DEPLOYMENT, person) },
      });
      expect((await me(browser)).status).toBe(200);
      const { id } = await find(at, 'sign_in', { principal: person, state: 'LIVE' });
      await stepUp(at.day);
      const other = (await eventsOf(at.world, DEPLOYMENT))
        .filter(({ action }) => action === 'sign_in.stepped_up')
        .at(-1);
      const undo = await edit(at, 'sign_in', { id }, { auth_method: 'passkey', auth_time: other?.ts });
      await at.rows.insert('audit_subject', { log: DEPLOYMENT, recording: id, seq: other?.seq });
      return { id: String(id), undo, isFound: false, try: () => me(browser) };
    },
  },
];

describe.each(ENGINES)('rows of operators forged on $engine $reason', ({ engine, present }) => {
  let at: Scene;

  beforeAll(async () => {
    if (!present) return;
    const url = engine === 'postgresql' ? await freshDatabase(await serverOf('postgresql')) : null;
    const world = await makeWorld(url === null ? {} : { postgres: url });
    const rows = url === null ? rowsOfSqlite(join(world.folder, 'vault.db')) : await rowsOfPostgres(url);
    const [day, night, auditor] = [
      await withPasskey(world, DEPLOYMENT, await world.operator('ops-1')),
      await withPasskey(world, DEPLOYMENT, await world.operator('ops-2')),
      await withPasskey(world, DEPLOYMENT, await world.operator('audit-1', 'auditor')),
    ];
    at = { world, rows, day, night, auditor };
  });
  afterAll(async () => {
    await at?.rows.close();
    await at?.world.end();
  });

  const refusals = async (table: string): Promise<number> =>
    (await eventsOf(at.world, DEPLOYMENT)).filter(
      ({ action, object }) => action === 'authority.refused' && object['type'] === table,
    ).length;
  const found = () => checkPeople(at.world.vault, { signal: AbortSignal.timeout(60_000) });

  it.skipIf(!present)('lets everyone in without a forgery', async () => {
    for (const { browser } of [at.day, at.night, at.auditor]) expect((await me(browser)).status).toBe(200);
    expect((await signIn(at, at.night)).status).toBe(200);
    expect((await at.night.browser.call('GET', '/v1/changes')).status).toBe(200);
    expect((await at.auditor.browser.call('GET', '/v1/audit/events')).status).toBe(200);
    expect(await found()).toEqual([]);
  });

  it.skipIf(!present).each(FORGERIES)('$table $name: denied, counted, and found', async ({ table, forge }) => {
    const before = await refusals(table);
    const attempt = await forge(at);
    const reply = await attempt.try();
    expect([401, 403]).toContain(reply.status);
    if (attempt.isFound !== false)
      expect(await found()).toContainEqual(
        expect.objectContaining({ kind: 'row_differs', tenant: DEPLOYMENT, row: table, subject: attempt.id }),
      );
    // Nothing of others is in the way.
    expect((await at.auditor.browser.call('GET', '/v1/audit/events')).status).toBe(200);
    await attempt.undo();
    expect(await found()).toEqual([]);
    // A dead link with its right secret is counted as a sign-in that was denied.
    expect(await refusals(table)).toBeGreaterThanOrEqual(before);
  });

  it.skipIf(!present)('are in the log by their tables', async () => {
    for (const table of ['principal', 'passkey', 'sign_in', 'sign_in_link'])
      expect(await refusals(table), table).toBeGreaterThan(0);
    expect((await me(at.day.browser)).status).toBe(200);
  });

  it.skipIf(!present)('gives no sign-in to a forged person with an authentic passkey or link', async () => {
    const before = await refusals('principal');
    const role = await edit(at, 'principal', { id: at.night.id }, { roles: 'auditor' });
    const byPasskey = await signIn(at, at.night);
    expect([byPasskey.status, ((await byPasskey.json()) as { code: string }).code]).toEqual([403, 'sign_in_refused']);
    await role();
    const person = await at.world.operator(`ops-${newId('evt').slice(-8)}`);
    const secret = await createSignInLink(at.world, DEPLOYMENT, person);
    const other = await edit(at, 'principal', { id: person }, { roles: 'auditor' });
    expect((await openLink(at, secret)).status).toBe(403);
    expect(await refusals('principal')).toBe(before + 2);
    await other();
    // The link was not used up.
    expect((await openLink(at, secret)).status).toBe(200);
    expect(await found()).toEqual([]);
  });

  // The last test that ends people: from here on the log can be edited.
  it.skipIf(!present)('finds an end that is no longer found by its row', async () => {
    const off = await withPasskey(at.world, DEPLOYMENT, await at.world.operator('ops-7'));
    const replaced = await withPasskey(at.world, DEPLOYMENT, await at.world.operator('ops-8'));
    const { id: session } = await find(at, 'sign_in', { principal: off.id, state: 'LIVE' });
    const { id: key } = await find(at, 'passkey', { principal: replaced.id });
    await at.world.turnOff(DEPLOYMENT, off.id);
    await createSignInLink(at.world, DEPLOYMENT, replaced.id, { replacePasskeys: true });
    expect(await found()).toEqual([]);
    const ends = (await eventsOf(at.world, DEPLOYMENT)).flatMap(({ seq, action, object }) =>
      ['person.off', 'sign_in.ended', 'passkey.removed'].includes(action) &&
      [off.id, session, key].includes(object['id'] as string)
        ? [{ log: DEPLOYMENT, recording: object['id'], seq }]
        : [],
    );
    const [one] = ends;
    expect(ends).toHaveLength(3);
    await expect(at.rows.remove('audit_subject', one ?? {})).rejects.toThrow('the log only grows');
    await at.rows.freeLog();
    for (const end of ends) await at.rows.remove('audit_subject', end);
    const lost = ends.map(({ recording, seq }) =>
      expect.objectContaining({
        kind: 'row_differs',
        row: 'audit_subject',
        subject: recording,
        index: seq,
        why: 'missing',
      }),
    );
    // The rows themselves say what the log says.
    const faults = await found();
    expect(faults).toHaveLength(3);
    expect(faults).toEqual(expect.arrayContaining(lost));
    const reread = logRereader(at.world.vault, () => undefined)({ signal: AbortSignal.timeout(60_000) });
    await expect(reread).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringContaining(`row_differs at event ${one?.seq}`),
    });
    for (const end of ends) await at.rows.insert('audit_subject', end);
    expect(await found()).toEqual([]);
  });

  it.skipIf(!present)('has a passkey that is added later in the log', async () => {
    await addFurtherPasskey(at.day.browser, at.day.key);
    expect(await found()).toEqual([]);
  });
});
