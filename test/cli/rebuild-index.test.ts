// `callvault rebuild-index`: what it restores, what it does not and why, and who may listen afterwards.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { encodeTombstone } from '../../src/envelope/tenant-blob.ts';
import { tenantKekPath } from '../../src/envelope/tenant-kek-blob.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { bodyOf, callAudio, environmentOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';
import { startGeneration } from '../support/volume.ts';

const test = sharedVault();
let [call, large]: DepositResult[] = [];
let transcript: DepositResult;
let keyId: string;
let database: string;
let runs = 0;

const env = () => ({
  ...environmentOf(test.folder),
  CALLVAULT_DATABASE: `sqlite:${database}`,
  CALLVAULT_OPERATOR: 'op-9',
});
const NAMED = ['--name', 'Harbour Bank', '--country', 'GB', '--default-basis', 'consent'];
const rebuild = (...more: readonly string[]) =>
  runCallvault(env(), 'rebuild-index', '--tenant', test.tenant, '--minimum-wrap', '1', '--json', ...more);
const whole = () => rebuild(...NAMED, '--key', keyId);
const query = (sql: string): Record<string, unknown>[] => {
  const file = new SqliteFile(database, { readonly: true });
  try {
    return file.prepare(sql).all() as Record<string, unknown>[];
  } finally {
    file.close();
  }
};
const at = (which: DepositResult | undefined): DepositResult => {
  if (which === undefined) throw new Error('not deposited yet');
  return which;
};
const envelopeOf = ({ recording, deposit: id }: DepositResult): string => `t/${test.tenant}/e/${recording}/${id}.json`;
const file = (path: string): string => join(test.store, path);

/** Runs `work` with a file of the store changed, or removed for null, and restores the file. */
async function withFile<T>(path: string, bytes: Uint8Array | string | null, work: () => Promise<T>): Promise<T> {
  const before = readFileSync(file(path));
  if (bytes === null) rmSync(file(path));
  else writeFileSync(file(path), bytes);
  try {
    return await work();
  } finally {
    writeFileSync(file(path), before);
  }
}

beforeAll(async () => {
  const put = (aim: { metadata: object } | { recording: string }, name: string, type: string, body: Buffer) =>
    deposit(test.vault, test.uploader, { target: aim, name, type, body: bodyOf(body) } as never, test.request);
  const metadata = { source: 'pbx', callId: 'one', leg: '0', from: '020 7946 0000', agent: 'Zoë', notes: 'kept' };
  call = await put({ metadata }, 'audio', 'audio/wav', wavOf(9_000));
  const words = Buffer.from('{"v":1,"segments":[]}');
  transcript = await put({ recording: call.recording }, 'transcript/en', 'application/json', words);
  large = await put({ metadata: { source: 'pbx', callId: 'two', leg: '0' } }, 'audio', 'audio/wav', wavOf(9_000_000));
  const row = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  keyId = row?.key?.id ?? '';
});
beforeEach(() => {
  database = join(test.folder, `rebuilt-${runs++}.db`);
});

describe('callvault rebuild-index', () => {
  it('restores recordings with all their deposits, headers and facts, and no principals', async () => {
    const ended = await whole();
    expect(ended).toMatchObject({ code: 0, err: '' });
    const counts = {
      envelopes: 3,
      known: 0,
      erased: 0,
      erased_calls: 0,
      recordings: 2,
      deposits: 3,
      entries: 0,
      ingest_keys: 0,
      problems: 0,
    };
    expect(jsonLines(ended)).toEqual([{ summary: { tenant: test.tenant, tenant_restored: true, ...counts } }]);
    const original = new SqliteFile(join(test.folder, 'vault.db'), { readonly: true });
    const parts = 'select deposit, number, size, hex(header) header from part order by deposit, number';
    expect(query(parts)).toEqual(original.prepare(parts).all());
    expect(query(parts)).toHaveLength(2);
    const objects = 'select deposit, name, type, size, sealed, parts, hex(heads) h from object order by deposit, name';
    expect(query(objects)).toEqual(original.prepare(objects).all());
    expect(
      query(objects)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['audio', 'audio', 'peaks', 'peaks', 'transcript/en']);
    const columns = 'select id, state, hex(natural) n, started_at, duration_ms, channels from recording order by id';
    expect(query(columns)).toEqual(original.prepare(columns).all());
    original.close();
    expect(query('select distinct quarantine from recording')).toEqual([{ quarantine: 'rebuilt' }]);
    expect(query('select count(*) n from principal')).toEqual([{ n: 0 }]);
    expect(query('select state, name from tenant')).toEqual([{ state: 'ACTIVE', name: 'Harbour Bank' }]);
    // Every chunk of a restored recording opens, and its rows match its envelope.
    const verified = await runCallvault(env(), 'verify', '--all', '--json');
    expect(jsonLines(verified)).toMatchObject([{ summary: { deposits: 3, opened: 3, findings: 0 } }]);
    const again = jsonLines(await rebuild('--key', keyId));
    expect(again).toMatchObject([{ summary: { tenant_restored: false, known: 3, recordings: 0, deposits: 0 } }]);
  });

  it('adds missing rows, and leaves existing ones unchanged', async () => {
    await withFile(envelopeOf(transcript), null, whole);
    expect(query('select object from deposit order by object').map(({ object }) => object)).toEqual(['audio', 'audio']);
    const version = `select version from recording where id = '${at(large).recording}'`;
    const before = query(version);
    const added = jsonLines(await rebuild('--key', keyId));
    expect(added).toMatchObject([{ summary: { known: 2, recordings: 0, deposits: 1 } }]);
    expect(query(version)).toEqual(before);
    expect(query('select count(*) n from deposit')).toEqual([{ n: 3 }]);
  });

  it('restores no erased recording, and ignores a tombstone that does not verify', async () => {
    const { recording } = at(call);
    const row = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
    if (row === null) throw new Error('no tenant');
    const metadataKey = await test.vault.metadataKeys.get(row, test.request);
    const hash = createHash('sha256').digest('base64');
    const tombstone = (of: string) =>
      encodeTombstone({ tenant: test.tenant, recording: of, event: newId('evt'), leaf: hash }, metadataKey);
    const [good, forged] = [recording, at(large).recording].map((of) => `t/${test.tenant}/x/20261125/${of}.json`);
    for (const path of [good, forged]) {
      mkdirSync(dirname(file(path ?? '')), { recursive: true });
      // The second tombstone is of another recording, stored under a different name.
      writeFileSync(file(path ?? ''), tombstone(recording));
    }
    try {
      const ended = await whole();
      expect(ended.code).toBe(1);
      expect(jsonLines(ended)[0]).toEqual({ kind: 'tombstone_damaged', path: forged });
      expect(jsonLines(ended)[1]).toMatchObject({ summary: { erased: 2, recordings: 1, deposits: 1, problems: 1 } });
      expect(query('select id from recording')).toEqual([{ id: at(large).recording }]);
    } finally {
      for (const path of [good, forged]) rmSync(file(path ?? ''));
    }
  });

  it('rejects keys and generations that the operator did not list', async () => {
    const stranger = await rebuild(...NAMED, '--key', 'keyring/another');
    const named = new RegExp(`^callvault: the key "${keyId}" is not one of the trusted keys`);
    expect(stranger).toMatchObject({ code: 1, out: '', err: expect.stringMatching(named) });
    expect(query('select count(*) n from tenant')).toEqual([{ n: 0 }]);
    await whole();
    // Also where every deposit has its rows, so that a rehearsal shows a wrong key.
    const rehearsal = await rebuild('--key', 'keyring/another');
    expect(rehearsal).toMatchObject({ code: 1, out: '', err: expect.stringMatching(named) });
    database = join(test.folder, `rebuilt-${runs++}.db`);
    const text = readFileSync(file(envelopeOf(at(call))), 'utf8');
    const forged = text.replace(keyId, 'keyring/another');
    const ended = await withFile(envelopeOf(at(call)), forged, whole);
    expect(ended.code).toBe(1);
    expect(jsonLines(ended)[0]).toEqual({ kind: 'key_refused', path: envelopeOf(at(call)) });
    expect(jsonLines(ended)[1]).toMatchObject({ summary: { deposits: 2, problems: 1 } });
  });

  it('names what it cannot restore, and restores the rest', async () => {
    const blob = `t/${test.tenant}/r/${at(large).recording}/${at(large).deposit}/audio`;
    const bytes = readFileSync(file(blob));
    const first = async (path: string, changed: Buffer | string | null) => {
      database = join(test.folder, `rebuilt-${runs++}.db`);
      const ended = await withFile(path, changed, whole);
      expect(jsonLines(ended).at(-1)).toMatchObject({ summary: { deposits: 2, problems: 1 } });
      return jsonLines(ended)[0]?.['kind'];
    };
    expect(await first(blob, null)).toBe('blob_missing');
    expect(await first(blob, bytes.subarray(0, -1))).toBe('blob_size');
    const header = Buffer.from(bytes);
    header.writeUInt8(header.readUInt8(2) ^ 1, 2);
    expect(await first(blob, header)).toBe('blob_damaged');
    const text = readFileSync(file(envelopeOf(at(large))), 'utf8');
    expect(await first(envelopeOf(at(large)), text.replace('audio/wav', 'audio/x-y'))).toBe('envelope_damaged');
  });

  it('leaves a call alone that another recording has by now', async () => {
    await whole();
    const sql = new SqliteFile(database);
    const { recording, deposit: id } = at(large);
    const other = newId('rec');
    sql.prepare('update recording set id = ? where id = ?').run(other, recording);
    for (const table of ['object', 'part', 'wrapped_key'])
      sql.prepare(`delete from ${table} where deposit = ?`).run(id);
    sql.prepare('delete from deposit where id = ?').run(id);
    sql.close();
    const ended = await rebuild('--key', keyId);
    expect(jsonLines(ended)[0]).toEqual({ kind: 'call_key_taken', path: envelopeOf(at(large)) });
    expect(query('select count(*) n from recording')).toEqual([{ n: 2 }]);
    // A run that restores nothing writes no event but that it began, and the hourly count of key uses.
    const no = (action: string): string => `instr(cast(leaf as text), '${action}') = 0`;
    const events = `select count(*) n from audit_event where ${no('key.used')} and ${no('vault.rebuilding')}`;
    const before = query(events);
    await rebuild('--key', keyId);
    const uses = query('select sum(count) n from "window" where action = \'key.used\'');
    expect([query(events), Number(uses[0]?.['n']) > 1]).toEqual([before, true]);
  });

  it('asks for the name, the country and the basis of a tenant that has no row', async () => {
    expect(await rebuild('--key', keyId)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/give its name, country and default basis/),
    });
    expect(await rebuild('--key', keyId, '--name', 'x', '--country', 'gb')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/capital/),
    });
    const none = await rebuild('--key', keyId, '--name', 'x', '--country', 'GB', '--default-basis', 'hope');
    expect(none).toMatchObject({ code: 1, err: expect.stringMatching(/legal basis must be one of/) });
  });

  it('restores the tenant KEKs of deposits in volume mode, and needs them', async () => {
    await startGeneration(test.vault, test.tenant, true);
    const what = callAudio('volume', wavOf(9_000));
    await deposit(test.vault, test.uploader, what, test.request);
    const [kek] = await test.vault.db.read((rows) => rows.wrappedKeys.tenantKeks(test.tenant), test.request);
    const path = tenantKekPath(test.tenant, kek?.id ?? '');
    expect(jsonLines(await whole()).at(-1)).toMatchObject({ summary: { deposits: 4, problems: 0 } });
    expect(query('select id, wrap from tenant_kek')).toEqual([{ id: kek?.id, wrap: 2 }]);
    expect(query('select wrap from tenant')).toEqual([{ wrap: 2 }]);
    const verified = () => runCallvault(env(), 'verify', '--all', '--json');
    expect(jsonLines(await verified())).toMatchObject([{ summary: { opened: 4, findings: 0 } }]);
    const damaged = await withFile(
      path,
      readFileSync(file(path), 'utf8').replace('"created":"2', '"created":"1'),
      verified,
    );
    expect(jsonLines(damaged)[0]).toMatchObject({ kind: 'tenant_kek_damaged', path });
    const gone = await withFile(path, null, verified);
    expect(jsonLines(gone)[0]).toMatchObject({ kind: 'tenant_kek_missing', path });
    database = join(test.folder, `rebuilt-${runs++}.db`);
    const without = await withFile(path, null, whole);
    expect(jsonLines(without)[0]).toMatchObject({ kind: 'key_refused' });
    expect(jsonLines(without).at(-1)).toMatchObject({ summary: { deposits: 3, problems: 1 } });
  });
});
