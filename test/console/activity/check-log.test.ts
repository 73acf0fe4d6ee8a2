// Check of the whole log in the browser over the exports of an independent program: what Node finds, with WebCrypto.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Row } from '../../../src/console/pages/activity/log/check.ts';
import { checkLog, type LogReader } from '../../../src/console/pages/activity/log/check-log.ts';
import { noteCrypto } from '../../../src/console/pages/activity/log/crypto.ts';
import { leafHash } from '../../../src/model/audit-event.ts';
import { createLogCheck } from '../../../src/model/log/check.ts';
import { readEntries } from '../../../src/model/log/entries.ts';
import { readVerifierKey } from '../../../src/model/log/note.ts';
import { proofCrypto } from '../../../src/vault/core/proofs/proof-crypto.ts';
import { needs } from '../../support/needs.ts';

type Case = {
  readonly name: string;
  readonly args: readonly string[];
  readonly codes: readonly (readonly [code: string, index: number])[];
};

const python = needs('python-cryptography');
const folder = mkdtempSync(join(tmpdir(), 'callvault-browser-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const URL_OF_LOG = 'https://vault.example';
const OF_SEAL = /^(fork|behind|signature)$/;

function makeCases(): readonly Case[] {
  if (!python.present) return [];
  const made = spawnSync('/usr/bin/python3', ['test/vectors/log_export.py', folder], { encoding: 'utf8' });
  expect(made).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Case[];
}

/** The events of an export as the API has them. */
function rowsIn(name: string): readonly (Row & { readonly bytes: Uint8Array })[] {
  const base = join(folder, name, 'tile', 'entries');
  return readdirSync(base)
    .sort()
    .flatMap((file) => {
      const path = join(base, file);
      const bundle = statSync(path).isDirectory() ? join(path, readdirSync(path)[0] ?? '') : path;
      return (readEntries(readFileSync(bundle)) ?? []).map((bytes, n) => ({
        bytes,
        index: Number.parseInt(file, 10) * 256 + n,
        leaf: Buffer.from(bytes).toString('base64'),
        hash: Buffer.from(leafHash(bytes)).toString('base64'),
      }));
    });
}

/** A service with this export, in pages of so many events. */
function readerOf(name: string, rows: readonly Row[], page = 7, lies: Partial<LogReader> = {}): LogReader {
  const checkpoints = join(folder, name, 'checkpoints');
  return {
    events: async (from) => ({
      rows: rows.slice(from, from + page),
      next: from + page < rows.length ? from + page : null,
    }),
    checkpoint: async () => readFileSync(join(folder, name, 'checkpoint'), 'utf8'),
    checkpoints: async (from) =>
      readdirSync(checkpoints)
        .map(Number)
        .filter((size) => size >= from)
        .sort((a, b) => a - b)
        .slice(0, 20)
        .map((size) => ({
          ...{ file: `checkpoints/${size}`, size },
          note: readFileSync(join(checkpoints, String(size)), 'utf8'),
        })),
    policies: async () => null,
    ...lies,
  };
}

const nameOf = (rows: readonly { readonly bytes: Uint8Array }[]): string =>
  (JSON.parse(Buffer.from(rows[0]?.bytes ?? '').toString()) as { log: string }).log;
const keysOf = ({ args }: Case) =>
  args.flatMap((arg, n) => (arg === '--key' ? (readVerifierKey(args[n + 1] ?? '', noteCrypto.sha256) ?? []) : []));
const checkedAs = (one: Case, keys = keysOf(one), lies: Partial<LogReader> = {}) => {
  const rows = rowsIn(one.name);
  return checkLog({ name: nameOf(rows), keys, url: URL_OF_LOG }, readerOf(one.name, rows, 7, lies), () => undefined);
};

describe.skipIf(!python.present)(`the check of the whole log in the browser ${python.reason}`, () => {
  const cases = makeCases().filter(({ name }) => existsSync(join(folder, name, 'tile', 'entries')));
  const named = (name: string): Case => cases.find((one) => one.name === name) ?? expect.fail(name);
  // Of a log that is no JSON there is no name.
  const readable = cases.filter(({ name }) => /^\{"action"/.test(Buffer.from(rowsIn(name)[0]?.bytes ?? '').toString()));

  it('has logs with signatures of each kind among its cases', () => {
    expect(readable.length).toBeGreaterThan(150);
    expect(readable.filter(({ name }) => name.startsWith('proofs ')).length).toBeGreaterThan(50);
  });

  it.each(readable)('finds what Node finds: $name', async (one) => {
    const rows = rowsIn(one.name);
    const inNode = createLogCheck(nameOf(rows), 'whole', { ...proofCrypto, url: URL_OF_LOG });
    for (const { index, bytes } of rows)
      inNode.add({ seq: index, leaf: bytes, hash: leafHash(bytes) }, leafHash(bytes));
    const { faults, count, notices } = await checkedAs(one);
    const { findings, ...rest } = inNode.checked();
    expect(faults.filter(({ code }) => !OF_SEAL.test(code)).map(({ seq, code }) => [seq, code])).toEqual(
      findings.map(({ seq, code }) => [seq, code]),
    );
    expect([count, notices]).toEqual([rest.count, rest.notices]);
  });

  it('verifies the checkpoint with the key that was entered, also after the signer was replaced', async () => {
    const good = named('good');
    const { faults, sealed, signatures } = await checkedAs(good);
    expect(faults).toEqual([]);
    expect(sealed).toEqual({ size: expect.any(Number), signed: true });
    expect(signatures).toBeGreaterThan(5);
    // Without a key the root alone is compared.
    expect((await checkedAs(good, [])).sealed).toEqual({ ...sealed, signed: null });
    // Without the checkpoints between, no one has sealed the next key.
    const none = await checkedAs(good, keysOf(good), { checkpoints: async () => [] });
    expect(none.faults.map(({ code }) => code)).toEqual(['signature']);
    expect(none.sealed?.signed).toBe(false);
  });

  it('finds another key, a forged root, and a log that is shorter than its checkpoint', async () => {
    const good = named('good');
    const [key] = keysOf(good);
    if (key === undefined) return expect.fail('the case has no key');
    const stranger = { ...key, key: Uint8Array.from(key.key, (byte) => byte ^ 1) };
    const others = (await checkedAs(good, [stranger])).faults.map(({ code }) => code);
    expect([...new Set(others)]).toEqual(['signature']);
    const note = readFileSync(join(folder, 'good', 'checkpoint'), 'utf8');
    const forged = note.replace(/^[A-Za-z0-9+/]{4}(?=[A-Za-z0-9+/]{39}=$)/m, 'AAAA');
    expect(forged).not.toBe(note);
    const lie = { checkpoint: async () => forged };
    expect((await checkedAs(good, keysOf(good), lie)).faults.map(({ code }) => code)).toEqual(['signature']);
    expect((await checkedAs(good, [], lie)).faults.map(({ code }) => code)).toEqual(['fork']);
    const rows = rowsIn('good').slice(0, 50);
    const short = await checkLog(
      { name: nameOf(rows), keys: [], url: URL_OF_LOG },
      readerOf('good', rows),
      () => undefined,
    );
    expect(short.faults.map(({ code }) => code)).toContain('behind');
    // Passkeys belong to the address of the page.
    const elsewhere = await checkLog(
      { name: nameOf(rowsIn('good')), keys: [], url: 'https://evil.example' },
      readerOf('good', rowsIn('good')),
      () => undefined,
    );
    expect(new Set(elsewhere.faults.map(({ code }) => code))).toEqual(new Set(['approval_proof', 'change_signature']));
  });

  it('finds a checkpoint that the service withholds, or replaces by another text', async () => {
    const good = named('good');
    for (const keys of [keysOf(good), []])
      for (const text of [null, '', 'no checkpoint']) {
        const { faults, sealed } = await checkedAs(good, keys, { checkpoint: async () => text });
        expect([faults.map(({ code }) => code), sealed]).toEqual([['signature'], null]);
      }
    // A log from before checkpoints has none.
    const all = rowsIn('good');
    const rows = all.slice(
      0,
      all.findIndex(({ bytes }) => Buffer.from(bytes).includes('"log.adopted"')),
    );
    const reader = readerOf('good', rows, 7, { checkpoint: async () => null });
    const log = { name: nameOf(rows), keys: keysOf(good), url: URL_OF_LOG };
    expect((await checkLog(log, reader, () => undefined)).faults).toEqual([]);
  });

  it('compares the texts of policies with the digests that the log names', async () => {
    const good = named('good');
    const changed = rowsIn('good').find(({ bytes }) => Buffer.from(bytes).includes('"policy.changed"'));
    const { object } = JSON.parse(Buffer.from(changed?.bytes ?? '').toString()) as { object: { id: string } };
    const texts = new Map([[object.id, new TextEncoder().encode('{}')]]);
    const { faults, policies } = await checkedAs(good, [], { policies: async () => texts });
    expect(faults).toEqual([{ seq: changed?.index, code: 'policy_differs', id: object.id }]);
    expect(policies).toBe(1);
  });

  it('reads pages ahead, in order, and ends with a service that repeats itself', async () => {
    const rows = rowsIn('good');
    const asked: number[] = [];
    const seen: number[] = [];
    const reader = readerOf('good', rows, 7);
    const counted: LogReader = {
      ...reader,
      events: async (from) => {
        asked.push(from);
        return reader.events(from);
      },
    };
    await checkLog({ name: nameOf(rows), keys: [], url: URL_OF_LOG }, counted, (count) => seen.push(count));
    expect(seen.at(-1)).toBe(rows.length);
    expect(asked).toEqual([...new Set(asked)]);
    const endless: LogReader = { ...reader, events: async () => ({ rows: rows.slice(0, 7), next: 0 }) };
    const { count } = await checkLog({ name: nameOf(rows), keys: [], url: URL_OF_LOG }, endless, () => undefined);
    expect(count).toBe(7);
    const broken: LogReader = { ...reader, events: () => Promise.reject(new Error('lost')) };
    await expect(checkLog({ name: nameOf(rows), keys: [], url: URL_OF_LOG }, broken, () => undefined)).rejects.toThrow(
      'lost',
    );
  });
});
