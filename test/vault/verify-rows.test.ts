// Rows that give access, put back as they were or taken out, by someone who can write the database and has no key: verification names each by the log.
import '../support/access-history/switches.ts';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { checkLog } from '../../src/vault/verify/check-log.ts';
import type { Finding } from '../../src/vault/verify/finding.ts';
import { createDriver } from '../support/access-history/driver.ts';
import { anyHistory, take } from '../support/access-history/histories.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

type Row = Readonly<Record<string, unknown>>;

/** The tables that give access, each with what names a row of a tenant, and columns that may differ without effect. */
const TABLES = {
  tenant: { key: ['tenant'], free: [] },
  principal: { key: ['id'], free: [] },
  api_key: { key: ['id'], free: [] },
  sign_in: { key: ['id'], free: ['seen', 'idle_ends', 'auth_time', 'auth_method'] },
  sign_in_link: { key: ['id'], free: [] },
  passkey: { key: ['id'], free: ['counter', 'last_used'] },
  policy: { key: ['id'], free: [] },
  access_request: { key: ['id'], free: [] },
  access_grant: { key: ['id'], free: [] },
  session: { key: ['id'], free: ['ranges', 'bytes', 'heard', 'played_minutes'] },
  batch: { key: ['id'], free: [] },
  change: { key: ['id'], free: [] },
  team_member: { key: ['team', 'person'], free: [] },
  team_queue: { key: ['team', 'queue'], free: [] },
} as const;
type Table = keyof typeof TABLES;

const LIVE = new Set(['ACTIVE', 'LIVE', 'OPEN', 'REQUESTED', 'APPROVED', 'CONSUMED']);

const USUAL = [
  ...['principal', 'api_key', 'sign_in', 'passkey', 'policy'].map((table) => `${table} taken out: missing`),
  ...['access_request', 'access_grant', 'session'].map((table) => `${table} taken out: missing`),
  ...['access_grant', 'session'].map((table) => `${table} put back: unknown`),
  ...['principal put back: roles', 'principal put back: since', 'team_member put back: members'],
];

const SEED = 20_261_128;
const STEPS = 60;
const MOMENTS = 4;

describe('rows of access against the log', () => {
  const world = sharedWorld();
  let [tenant, history] = ['', ''];
  const moments: ReadonlyMap<Table, ReadonlyMap<string, Row>>[] = [];

  const rowsNow = (): Map<Table, Map<string, Row>> =>
    new Map(
      (Object.keys(TABLES) as Table[]).map((table) => {
        const rows = world.sql.prepare(`select * from "${table}" where tenant = ?`).all(tenant) as Row[];
        return [table, new Map(rows.map((row) => [TABLES[table].key.map((name) => text(row[name])).join(' '), row]))];
      }),
    );
  const remove = (table: Table, row: Row): void => {
    const where = ['tenant', ...TABLES[table].key].map((name) => `"${name}" = ?`).join(' and ');
    world.sql
      .prepare(`delete from "${table}" where ${where}`)
      .run(row['tenant'], ...TABLES[table].key.map((name) => row[name]));
  };
  const insert = (table: Table, row: Row): void => {
    const names = Object.keys(row);
    world.sql
      .prepare(`insert into "${table}" (${names.map((name) => `"${name}"`)}) values (${names.map(() => '?')})`)
      .run(...Object.values(row));
  };
  const found = async (): Promise<Finding[]> => {
    const wait = { signal: AbortSignal.timeout(600_000) };
    const row = await world.vault.db.read((rows) => rows.tenants.find(tenant), wait);
    const findings: Finding[] = [];
    if (row !== null) await checkLog(world.vault, row, async (some) => void findings.push(...some), wait);
    return findings;
  };

  beforeAll(async () => {
    const driver = await createDriver(world);
    tenant = driver.tenant;
    history = tenant;
    world.sql.pragma('foreign_keys = off');
    const moves = fc.sample(anyHistory(STEPS), { seed: SEED, numRuns: 1 })[0] ?? [];
    for (const [n, move] of moves.entries()) {
      if (n % Math.ceil(STEPS / MOMENTS) === 0) moments.push(rowsNow());
      await take(driver, 'all', move);
    }
  }, 600_000);

  beforeEach(() => {
    tenant = history;
  });

  it('are what it says, after any history', async () => {
    expect(await found()).toEqual([]);
  });

  it('are named where what a person takes from another was put back', async () => {
    const { harbour } = world;
    tenant = harbour.tenant;
    const before = rowsNow();
    const key = (
      world.sql.prepare('select id from api_key where principal = ?').get(harbour.colleague.id) as { id: string }
    ).id;
    await world.turnOff(tenant, harbour.colleague.id);
    await world.suspend(tenant);
    const after = rowsNow();
    const cases = [
      ['principal', harbour.colleague.id],
      ['api_key', key],
      ['tenant', tenant],
    ] as const;
    for (const [table, id] of cases) {
      const [old, now] = [before.get(table)?.get(id), after.get(table)?.get(id)];
      if (old === undefined || now === undefined) return expect.fail(`no row of ${id} in ${table}`);
      remove(table, now);
      insert(table, old);
      expect(await found()).toEqual([{ kind: 'row_differs', tenant, subject: id, row: table, why: 'state' }]);
      remove(table, old);
      insert(table, now);
    }
    const forged = { ...before.get('principal')?.get(harbour.reviewer.id), id: 'usr_01m8hr5fmafd6b45zpv6emb0ps' };
    insert('principal', forged);
    const subject = forged.id;
    expect(await found()).toEqual([{ kind: 'row_differs', tenant, subject, row: 'principal', why: 'unknown' }]);
    remove('principal', forged);
    expect(await found()).toEqual([]);
  });

  it('lack no detail but those of erased recordings', async () => {
    const { yunhai } = world;
    tenant = yunhai.tenant;
    const recording = await world.deposited(yunhai, 'call-1', wav(1));
    const grant = await world.grant(yunhai, recording);
    expect(grant).toMatch(/^grt_/);
    const edit = world.sql.prepare(
      'update audit_detail set salt = null, sealed = null where log = ? and recording = ? returning seq',
    );
    const [first] = edit.all(tenant, recording) as { seq: number }[];
    expect(await found()).toEqual([{ kind: 'detail_missing', tenant, index: first?.seq }]);
    const operator = operatorActor('op-9');
    const wait = { signal: AbortSignal.timeout(600_000) };
    await eraseRecording(world.vault, operator, { tenant, recording, reason: 'request' }, wait);
    expect(await found()).toEqual([]);
  });

  it('are named where one was put back as it was, or taken out', async () => {
    const now = rowsNow();
    const edits: Edit[] = [];
    for (const table of Object.keys(TABLES) as Table[]) {
      const rows = now.get(table) ?? new Map<string, Row>();
      for (const after of rows.values()) if (givesAccess(table, after)) edits.push({ table, before: null, after });
      for (const moment of moments)
        for (const [id, before] of moment.get(table) ?? []) {
          const after = rows.get(id) ?? null;
          if (givesAccess(table, before) && (after === null || differs(table, before, after)))
            edits.push({ table, before, after });
        }
    }
    const named = new Set<string>();
    for (const { table, before, after } of edits) {
      if (after !== null) remove(table, after);
      if (before !== null) insert(table, before);
      const findings = await found();
      if (before !== null) remove(table, before);
      if (after !== null) insert(table, after);
      const about = before ?? after ?? {};
      const subject = text(about[table.startsWith('team_') ? 'team' : 'id']);
      const finding = findings.find((one) => one.kind === 'row_differs' && one.subject === subject);
      expect(finding, `${table} ${subject} ${before === null ? 'taken out' : 'put back'}`).toBeDefined();
      named.add(`${table} ${before === null ? 'taken out' : 'put back'}: ${finding?.why}`);
    }
    // The history is long enough for each of these.
    expect([...named]).toEqual(expect.arrayContaining(USUAL));
    expect(await found()).toEqual([]);
  });
});

type Edit = { readonly table: Table; readonly before: Row | null; readonly after: Row | null };

function givesAccess(table: Table, row: Row): boolean {
  // The access of an approved request is its grant's.
  if (table === 'tenant' || (table === 'access_request' && row['state'] === 'APPROVED')) return false;
  return row['state'] === undefined || LIVE.has(String(row['state']));
}

/** Whether two states of a row differ in more than what may differ without effect. */
function differs(table: Table, row: Row, other: Row): boolean {
  const approves = [row, other].some(({ roles }) => String(roles).includes('supervisor'));
  const free: readonly string[] = [
    ...['version', 'mac', ...TABLES[table].free],
    // The age of an account counts for approvals alone.
    ...(approves ? [] : ['approving_since']),
  ];
  return Object.keys(row).some((name) => !free.includes(name) && text(row[name]) !== text(other[name]));
}

function text(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}
