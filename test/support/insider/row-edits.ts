// Edits of rows, sealed details and tombstones. Long because it is one list: a function for each line of the table in
// docs/operations/verifying.md.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Row } from '../rows-by-sql.ts';
import type { Copy } from './copies.ts';
import type { Edit, Edits } from './log-edits.ts';

const ID = '01n8j3r6syef1s3e13g4gxtv3d';
const LATER = '2099-01-01T00:00:00.000Z';
const LONG_AGO = '2020-01-01T00:00:00.000Z';

export const ROW_EDITS: Edits = {
  'The row of a person is added': added('principal', 'usr', is('roles', 'reviewer,supervisor')),
  'The row of a person is removed': removed('principal', is('roles', 'reviewer,supervisor')),
  'A person gets a role': edited('principal', is('roles', 'reviewer'), { roles: 'reviewer,supervisor' }),
  'A deactivated person is active again': edited('principal', is('state', 'OFF'), { state: 'ACTIVE' }),
  'An approver’s age is moved back': edited('principal', is('roles', 'reviewer,supervisor'), {
    approving_since: LONG_AGO,
    created: LONG_AGO,
  }),
  'A person’s training is entered': edited('principal', is('roles', 'reviewer,supervisor'), {
    trained_until: '2099-12-31',
  }),
  'The row of an API key is added': added('api_key', 'key', is('state', 'ACTIVE'), () => ({
    hash: Buffer.alloc(32, 1),
  })),
  'A revoked API key is active again': edited('api_key', is('state', 'REVOKED'), { state: 'ACTIVE' }),
  'An API key lasts longer': edited('api_key', is('state', 'ACTIVE'), { expires: LATER }),
  'An API key gets another person': edited('api_key', is('state', 'ACTIVE'), (copy) => ({
    principal: copy.history.driver.people[3]?.id,
  })),
  'The row of a sign-in is added': added(
    'sign_in',
    'sgn',
    () => true,
    () => ({ hash: Buffer.alloc(32, 2) }),
  ),
  'A sign-in lasts longer': edited('sign_in', is('state', 'LIVE'), { ends: LATER }),
  'The row of a sign-in link is added': added('sign_in_link', 'lnk', is('state', 'OPEN'), () => ({
    hash: Buffer.alloc(32, 3),
  })),
  'The row of a passkey is added': added(
    'passkey',
    'psk',
    () => true,
    () => ({ credential: Buffer.alloc(32, 4) }),
  ),
  'A passkey gets another person': edited(
    'passkey',
    () => true,
    (copy) => ({ principal: copy.history.driver.people[2]?.id }),
  ),
  'The policy in force is weakened': async (copy) => {
    const row = await newest(copy, 'policy');
    await copy.sql.set(
      'policy',
      { id: row['id'] },
      { body: String(row['body']).replace('"approvals":2', '"approvals":1') },
    );
  },
  'A version of the policy is added': async (copy) => {
    const row = await newest(copy, 'policy');
    await copy.sql.insert('policy', {
      ...row,
      id: `pol_${ID}`,
      body: String(row['body']).replace('"approvals":2', '"approvals":1'),
    });
  },
  'An older version of the policy is added': async (copy) => {
    const row = await newest(copy, 'policy');
    await copy.sql.insert('policy', { ...row, id: 'pol_01a8j3r6syef1s3e13g4gxtv3d' });
  },
  'The row of a request is added': added('access_request', 'req', is('state', 'REQUESTED')),
  'A request asks for more': edited('access_request', is('state', 'REQUESTED'), { minutes: 600 }),
  'The row of an approval is added': async (copy) => {
    const [row] = await decisions(copy);
    await copy.sql.insert('decision', { ...row, approver: copy.history.driver.people[3]?.id });
  },
  'An approval is for more': async (copy) => {
    const [row] = await decisions(copy);
    await copy.sql.set('decision', { request: row?.['request'], approver: row?.['approver'] }, { minutes: 600 });
  },
  'An approval is removed': async (copy) => {
    const [row] = await decisions(copy);
    await copy.sql.remove('decision', { request: row?.['request'], approver: row?.['approver'] });
  },
  'The row of a grant is added': added('access_grant', 'grt', is('state', 'APPROVED'), () => ({
    request: `req_${ID}`,
  })),
  'A grant lasts longer': edited('access_grant', is('state', 'APPROVED'), { expires: LATER }),
  'A grant has more uses': edited('access_grant', is('state', 'APPROVED'), { uses: 99, uses_left: 99 }),
  'A grant gets another person': edited('access_grant', is('state', 'APPROVED'), (copy) => ({
    person: copy.history.driver.people[4]?.id,
  })),
  'A revoked grant is open again': edited('access_grant', is('state', 'REVOKED'), {
    state: 'APPROVED',
    revoked_at: null,
  }),
  'The row of a session is added': added('session', 'ses', is('state', 'LIVE')),
  'A session lasts longer': edited('session', is('state', 'LIVE'), { ends: LATER }),
  'An ended session is live again': edited('session', is('state', 'ENDED'), { state: 'LIVE', ended: null }),
  'The row of an assignment is added': added('batch', 'bat', () => true),
  'An assignment gets another maker': edited(
    'batch',
    () => true,
    (copy) => ({ maker: copy.history.driver.people[4]?.id }),
  ),
  'The row of a change is added': added('change', 'chg', is('state', 'OPEN')),
  'A change gets another proposer': edited('change', is('state', 'OPEN'), (copy) => ({
    proposer: copy.history.driver.people[4]?.id,
  })),
  'A change that was decided is open again': edited('change', (row) => row['state'] !== 'OPEN', {
    state: 'OPEN',
    expires: LATER,
  }),
  'A person is added to a team': async (copy) => {
    const [row] = await ofTenant(copy, 'team_member');
    await copy.sql.insert('team_member', { ...row, person: copy.history.driver.people[0]?.id });
  },
  'A member of a team is exchanged for another': async (copy) => {
    const [row] = await ofTenant(copy, 'team_member');
    await copy.sql.set(
      'team_member',
      { team: row?.['team'], person: row?.['person'] },
      { person: copy.history.driver.people[0]?.id },
    );
  },
  'A queue is added to a team': async (copy) => {
    const [row] = await ofTenant(copy, 'team_queue');
    await copy.sql.insert('team_queue', { ...row, queue: Buffer.alloc(16, 1) });
  },
  'The row of a team is added': added('team', 'tea', () => true),
  'A suspended tenant is active again': (copy) =>
    copy.sql.set('tenant', { tenant: copy.history.suspended }, { state: 'ACTIVE' }),
  'The row of an erased recording is available again': (copy) =>
    copy.sql.set('recording', { id: copy.history.erased }, { state: 'AVAILABLE' }),
  'The list of erasures is removed from the store': async (copy) => {
    const [row] = await ofTenant(copy, 'erasure');
    await rm(join(copy.folder, 'store', String(row?.['list'])));
  },
  'A sealed detail is removed': async (copy) =>
    detailOf(copy, (row) => copy.sql.set('audit_detail', of(row), { salt: null, sealed: null })),
  'A sealed detail is removed with its row': async (copy) =>
    detailOf(copy, (row) => copy.sql.remove('audit_detail', of(row))),
  'A sealed detail is changed': async (copy) =>
    detailOf(copy, (row) => copy.sql.set('audit_detail', of(row), { salt: Buffer.alloc(16, 1) })),
  'The sealed details of an erased recording are put back': async (copy) => {
    const row = (await copy.sql.all('audit_detail')).find((one) => one['recording'] === copy.history.erased);
    await copy.sql.set('audit_detail', of(row), { salt: Buffer.alloc(16, 1), sealed: Buffer.alloc(64, 1) });
  },
  'An entry of the settings is changed': async (copy) => {
    const [row] = await ofTenant(copy, 'amendment');
    await copy.sql.set(
      'amendment',
      { tenant: row?.['tenant'], subject: row?.['subject'], n: row?.['n'] },
      { entry: Buffer.alloc(64, 1) },
    );
  },
  'An entry of the settings is removed': async (copy) => {
    const rows = await ofTenant(copy, 'amendment');
    const row = rows.sort((one, other) => Number(other['n']) - Number(one['n']))[0];
    await copy.sql.remove('amendment', { tenant: row?.['tenant'], subject: row?.['subject'], n: row?.['n'] });
  },
};

type Which = (row: Row) => boolean;

function is(column: string, value: unknown): Which {
  return (row) => row[column] === value;
}

/** The rows of the history's tenant. */
async function ofTenant({ sql, history }: Copy, table: string): Promise<Row[]> {
  return (await sql.all(table)).filter((row) => row['tenant'] === history.tenant);
}

async function found(copy: Copy, table: string, which: Which): Promise<Row> {
  const row = (await ofTenant(copy, table)).find(which);
  if (row === undefined) throw new Error(`the history has no such row in ${table}`);
  return row;
}

async function newest(copy: Copy, table: string): Promise<Row> {
  return (
    (await ofTenant(copy, table)).sort((one, other) => (String(one['id']) < String(other['id']) ? 1 : -1))[0] ?? {}
  );
}

/** A copy of a row, with the MAC of the one that it was copied from. */
function added(table: string, prefix: string, which: Which, more: () => Row = () => ({})): Edit {
  return async (copy) =>
    copy.sql.insert(table, { ...(await found(copy, table, which)), id: `${prefix}_${ID}`, ...more() });
}

function removed(table: string, which: Which): Edit {
  return async (copy) => copy.sql.remove(table, { id: (await found(copy, table, which))['id'] });
}

function edited(table: string, which: Which, values: Row | ((copy: Copy) => Row)): Edit {
  return async (copy) =>
    copy.sql.set(
      table,
      { id: (await found(copy, table, which))['id'] },
      typeof values === 'function' ? values(copy) : values,
    );
}

/** Approvals of the request that waits. */
async function decisions(copy: Copy): Promise<Row[]> {
  const { id } = await found(copy, 'access_request', is('state', 'REQUESTED'));
  return (await ofTenant(copy, 'decision')).filter((row) => row['request'] === id);
}

function of(row: Row | undefined): Row {
  return { log: row?.['log'], seq: row?.['seq'] };
}

async function detailOf(copy: Copy, edit: (row: Row) => Promise<void>): Promise<void> {
  const row = (await copy.sql.all('audit_detail')).find(
    (one) => one['log'] === copy.history.tenant && one['sealed'] !== null,
  );
  if (row !== undefined) await edit(row);
}
