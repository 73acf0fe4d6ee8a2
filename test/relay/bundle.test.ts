// The relay as people install it: one file in an empty folder, with nothing but Node.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { isBuiltin } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { builtBin, builtRelay } from '../support/built.ts';
import { newRelay, type RelayFixture } from '../support/relay.ts';
import { until } from '../support/until.ts';

const TENANT = newId('ten');
const SECRET = `cv_${newId('key').slice(4)}_${'s'.repeat(43)}`;
const KEY = { id: newId('ink'), public: Buffer.alloc(32, 9).toString('base64'), created: '2026-11-29T00:00:00.000Z' };

const folder = mkdtempSync(join(tmpdir(), 'cv-bundle-'));
const program = join(folder, 'callvault-relay.js');

let server: Server;
let url: string;
let key: object = { ...KEY, note: null };
/** What the server confirms of every upload. */
let confirmed: object = {};
let relay: RelayFixture;

beforeAll(() => {
  copyFileSync(builtRelay(), program);
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.statusCode = request.method === 'GET' ? 200 : 201;
      response.end(JSON.stringify(request.method === 'GET' ? key : confirmed));
    });
  });
  return new Promise<void>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      resolve();
    }),
  );
});

afterEach(() => relay?.remove());
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = (more: object = {}): void => {
  relay = newRelay({ url, tenant: TENANT, secret: SECRET, program });
  relay.configure({ ...more });
};

const alarmsOf = async (): Promise<string> => (await relay.run('status')).out;

describe('the single file', () => {
  it('loads nothing but Node, and contains the licences of its packages', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--help'], {
      cwd: folder,
      env: {},
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const command of ['run', 'check', 'status', 'files', 'keys', 'accept-key', 'rejected', 'retry', 'discard'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    const text = readFileSync(program, 'utf8');
    const loaded = [...text.matchAll(/^import .*"([^"]+)";$|\b(?:__require|import)\("([^"]+)"\)/gm)];
    const names = loaded.map(([, first, second]) => first ?? second ?? '');
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !isBuiltin(name))).toEqual([]);
    expect(text).toMatch(/^\/\/ commander \d/m);
    expect(text).toMatch(/^\/\/ @hpke\/core \d/m);
    expect(statSync(program).size).toBeLessThan(1_000_000);
  });

  it('is the same code as `callvault relay`', () => {
    start();
    const run = spawnSync(process.execPath, [builtBin(), 'relay', 'status', '--config', relay.config], {
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 1, stdout: '', stderr: 'callvault: the spool cannot be read (ENOENT)\n' });
  });

  it('reports every problem of its configuration at once, and exits with 1', async () => {
    start({
      ...{ folders: ['pbx'], spool: 'spool', colour: 1, metrics: '0.0.0.0:9' },
      limits: { free_bytes: -1, spool_byte: 1 },
      file_names: [
        { match: '^(?<call_id>.+)-(?<weekday>.+)$', ofset: '+08:00' },
        { match: '^(?<call_id>.+)(?=-1)' },
        { match: '^(?<call_id>.+' },
      ],
    });
    const { code, err } = await relay.run('run');
    expect(code).toBe(1);
    for (const problem of [
      ...['colour is unknown', 'folders must', 'spool must', 'metrics must', 'free_bytes must'],
      ...['limits has an unknown member spool_byte', 'unknown member ofset', 'unknown group weekday'],
      ...['it has (?=, which cannot be matched in linear time', 'cannot be used: it is not a regular expression'],
    ])
      expect(err).toContain(problem);
  });

  it('does not start with a credential that others can read', async () => {
    start();
    writeFileSync(join(relay.folder, 'credential'), SECRET, { mode: 0o600 });
    spawnSync('chmod', ['0644', join(relay.folder, 'credential')]);
    const { code, err } = await relay.run('run');
    expect(code).toBe(1);
    expect(err).toContain('chmod 0600');
  });
});

describe('a spool over its limit', () => {
  it('seals no further call, deletes none, and raises an alarm', async () => {
    start({ limits: { spool_bytes: 1_000_000, free_bytes: 0 } });
    const running = relay.start();
    for (const name of ['a', 'b', 'c']) relay.record(`${name}.wav`, Buffer.alloc(400_000, name), { call_id: name });
    await until('it is full', async () => (await alarmsOf()).includes('ALARM spool_full'), { seen: running.log });
    expect(relay.sealed()).toHaveLength(1);
    expect(relay.plaintext().filter((name) => name.endsWith('.wav'))).toHaveLength(2);
    expect((await relay.run('status')).code).toBe(1);
    expect(running.log()).toContain('"alarm":"spool_full"');
    relay.configure({ limits: { free_bytes: 0 } });
    await running.stop();
    relay.start();
    await until('the others are sealed', () => relay.sealed().length === 3 && relay.plaintext().length === 0);
  });
});

describe('a vault that lies', () => {
  it('does not make the relay delete a file whose digest it does not know', async () => {
    confirmed = { recording: 'rec_x', size: 12, sha256: 'a'.repeat(64) };
    start();
    const running = relay.start();
    relay.record('a.wav', Buffer.from('spoken words'), { call_id: 'a' });
    await until('it confirmed', async () => (await alarmsOf()).includes('ALARM confirmation_differs'), {
      seen: running.log,
    });
    expect(relay.sealed()).toHaveLength(1);
  });

  it('gets no call sealed to another key than the first, until a person accepts it', async () => {
    start();
    const running = relay.start();
    await until('the key is pinned', () => running.log().includes('ingest key accepted'), { seen: running.log });
    await running.stop();
    const other = { ...KEY, id: newId('ink'), public: Buffer.alloc(32, 7).toString('base64'), note: null };
    key = other;
    const again = relay.start();
    await until('it sees another key', async () => (await alarmsOf()).includes('ALARM key_changed'), {
      seen: again.log,
    });
    const sealedTo = (id: string): number =>
      relay.sealed().filter((name) => readFileSync(join(relay.spool, name)).includes(id)).length;
    relay.record('a.wav', Buffer.from('spoken words'), { call_id: 'a' });
    await until('a call is sealed', () => relay.sealed().length === 1);
    expect(sealedTo(KEY.id)).toBe(1);
    expect((await relay.run('accept-key', KEY.id)).code).toBe(1);
    expect((await relay.run('keys')).out).toContain(`candidate  ${other.id}`);
    expect((await relay.run('accept-key', other.id)).code).toBe(0);
    await until('it is accepted', async () => !(await alarmsOf()).includes('key_changed'), { seen: again.log });
    relay.record('b.wav', Buffer.from('spoken words'), { call_id: 'b' });
    await until('a call is sealed to it', () => sealedTo(other.id) === 1);
    key = { ...KEY, note: null };
  });
});

describe('a folder of the PBX', () => {
  it('may have subfolders; links out of it are not followed', async () => {
    start();
    const outside = join(relay.folder, 'outside.wav');
    writeFileSync(outside, 'not a call');
    symlinkSync(outside, join(relay.pbx, 'link.wav'));
    mkdirSync(join(relay.pbx, '2026/11'), { recursive: true });
    relay.record('2026/11/a.wav', Buffer.from('spoken words'), { call_id: 'a' });
    relay.record('link.wav.x', Buffer.alloc(1), { call_id: 'link' });
    const running = relay.start();
    await until('it is sealed', () => relay.sealed().length === 1, { seen: running.log });
    expect(readFileSync(outside, 'utf8')).toBe('not a call');
  });

  it('keeps what cannot be a call, and the status counts it', async () => {
    start({ without_sidecar_seconds: 10 });
    writeFileSync(join(relay.pbx, 'alone.wav'), 'no sidecar');
    relay.record('bad.wav', Buffer.from('spoken words'), { from: 'no call id' });
    relay.record('empty.wav', Buffer.alloc(0), { call_id: 'empty' });
    const running = relay.start();
    await until('the file without a name is reported', async () => (await alarmsOf()).includes('ALARM no_facts (1)'), {
      seen: running.log,
    });
    const status = await alarmsOf();
    expect(status).toContain('ALARM sidecar_invalid (1)');
    expect(status).toContain('ALARM audio_empty (1)');
    expect(relay.plaintext()).toHaveLength(5);
    expect(relay.sealed()).toEqual([]);
    relay.configure({ file_names: [{ match: '^(?<call_id>[a-z]+)\\.wav$' }] });
    await running.stop();
    relay.start();
    await until('it is sealed by its name', () => relay.sealed().length === 1);
  });
});
