// Story of the demo: it passes unchanged, and each change behind the vault's back fails it at the step that claims
// otherwise. Long because each such change is a separate case.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { CHINESE, ENGLISH, FRAUD } from '../../scripts/demo/deposit-steps.ts';
import { makeDemoWorld } from '../../scripts/demo/start.ts';
import { playStory, STORY, type StoryResult } from '../../scripts/demo/story.ts';
import { type DemoWorld, required, send, textAt } from '../../scripts/demo/world.ts';
import { builtBin, builtFile } from '../support/built.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';

const TOP = join(import.meta.dirname, '..', '..');
const DEMO = [builtFile('scripts/demo/demo.ts')];
const FOLDER = mkdtempSync(join(tmpdir(), 'demo-test-'));
const BASE_ENV = { PATH: process.env['PATH'] ?? '', HOME: FOLDER, TMPDIR: FOLDER };

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** Runs a program to its end. */
function run(program: string, args: string[], env: Record<string, string>) {
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(program, args, { cwd: TOP, env }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });
}

/** Runs the story and calls `meddle` once `step` has passed. */
async function playWith(step: string, meddle: (world: DemoWorld) => void | Promise<void>): Promise<StoryResult> {
  expect(STORY.map(({ name }) => name)).toContain(step);
  const world = await makeDemoWorld('any port', {
    environment: {},
    processes: 1,
    service: builtFile('scripts/demo/serve.ts'),
  });
  try {
    return await playStory(world, {
      after: async (passed) => {
        if (passed === step) await meddle(world);
      },
    });
  } finally {
    await world.close();
  }
}

function inDatabase(world: DemoWorld, work: (db: SqliteFile.Database) => void): void {
  const db = new SqliteFile(world.paths.database, { timeout: 5000 });
  try {
    work(db);
  } finally {
    db.close();
  }
}

/** Flips one bit of a stored blob whose path has this ending. */
function flip(world: DemoWorld, file: string, ending: string, place: (size: number) => number): void {
  const id = required(world.recordings, file);
  const paths = readdirSync(world.paths.store, { recursive: true, encoding: 'utf8' });
  const [path, ...others] = paths.filter((found) => found.includes(`/r/${id}/`) && found.endsWith(ending));
  if (path === undefined || others.length > 0) throw new Error('there is not one such blob');
  const bytes = readFileSync(join(world.paths.store, path));
  const at = place(bytes.length);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(join(world.paths.store, path), bytes);
}

const FORGED_GRANT = 'grt_01m89cf8b1e9dvmfv88xvzypqt';

/** Forges an approval of the open request: state and grant, without decision or event. */
function forgeApproval(world: DemoWorld, request: string): void {
  inDatabase(world, (db) => {
    db.prepare("update access_request set state = 'APPROVED', version = version + 1 where id = ?").run(request);
    db.prepare(
      `insert into access_grant (tenant, id, request, recording, person, purpose, objects, state, version, approved, expires, uses, uses_left)
       select tenant, ?, id, recording, requester, purpose, objects, 'APPROVED', 1, created, expires, 3, 3 from access_request where id = ?`,
    ).run(FORGED_GRANT, request);
  });
}

describe.concurrent('the story', () => {
  it('passes with --once, and leaves no files', async () => {
    const folder = mkdtempSync(join(FOLDER, 'once-'));
    const { status, stdout, stderr } = await run(process.execPath, [...DEMO, '--once'], {
      ...BASE_ENV,
      TMPDIR: folder,
    });
    expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' });
    const steps = stdout.split('\n').filter((line) => line.startsWith('✓ '));
    expect(steps.map((line) => line.slice(2).split(' — ')[0])).toEqual(STORY.map(({ name }) => name));
    expect(readdirSync(folder).filter((name) => name.startsWith('callvault-'))).toEqual([]);
  });

  it('fails with --once if its port is taken or its folder is not empty', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const taken = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const data = join(FOLDER, 'taken', 'data');
    const env = { ...BASE_ENV, CALLVAULT_LISTEN: taken, CALLVAULT_DEMO_DATA: data };
    const first = await run(process.execPath, [...DEMO, '--once'], env);
    server.close();
    expect(first.status).toBe(1);
    // Another program at this address must not be mistaken for the demo's service.
    expect(first.stderr).toMatch(/^✗ port \d+ is in use$/m);
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'a-file'), '');
    const second = await run(process.execPath, [...DEMO, '--once'], env);
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/is not empty/);
  });

  const FLIPS: readonly [where: string, place: (size: number) => number][] = [
    ['first byte', () => 0],
    ['middle', (size) => Math.floor(size / 2)],
    ['last byte', (size) => size - 1],
  ];
  it.each(FLIPS)('fails at listening after a flipped bit in the stored audio: %s', async (_, place) => {
    const ending = await playWith('approve', (world) => flip(world, ENGLISH, '/audio', place));
    expect(ending).toMatchObject({ code: 1, failed: { step: 'listen to ranges' } });
  });

  it('fails at listening to all when the bit lies where no range was heard', async () => {
    const ending = await playWith('upload', (world) => flip(world, ENGLISH, '/audio', (size) => Math.floor(size / 4)));
    expect(ending).toMatchObject({ code: 1, failed: { step: 'listen to all' } });
  });

  it('fails at the Chinese call after a flipped bit in its transcript', async () => {
    const ending = await playWith('transcripts', (world) => flip(world, CHINESE, '/transcript/zh-CN', () => 100));
    expect(ending).toMatchObject({ code: 1, failed: { step: 'listen in Chinese' } });
  });

  it('fails at waiting after a forged approval', async () => {
    const ending = await playWith('request access', (world) => forgeApproval(world, required(world.hand, 'request')));
    expect(ending).toMatchObject({ code: 1, failed: { step: 'wait for approval' } });
    // The grant has no valid MAC of the tenant, so it is rejected as forged.
    expect(ending.failed?.why).toMatch(/500 integrity/);
  });

  it('plays nothing on a forged approval, and records it in the log', async () => {
    const ending = await playWith('revoke', async (world) => {
      const { reviewer } = required(world.tenants, 'harbour').keys;
      const json = { recording: required(world.recordings, ENGLISH), purpose: 'quality', reason: 'forged', minutes: 5 };
      const asked = await send(world, reviewer, 'POST', '/v1/access-requests', { json });
      forgeApproval(world, textAt(asked.body, 'id'));
      const opened = await send(world, reviewer, 'POST', `/v1/grants/${FORGED_GRANT}/sessions`);
      expect([opened.status, textAt(opened.body, 'code')]).toEqual([500, 'integrity']);
      inDatabase(world, (db) => {
        const leaves = db.prepare('select cast(leaf as text) from audit_event').pluck().all().map(String);
        expect(leaves.filter((leaf) => leaf.includes('authority.refused'))).toHaveLength(1);
      });
    });
    expect(ending).toMatchObject({ code: 0 });
  });

  const EVENTS: readonly [what: string, sql: string][] = [
    ['is missing', 'delete from audit_event where log = @log and seq = @seq'],
    ['has another hash', "update audit_event set hash = x'00' where log = @log and seq = @seq"],
    [
      'is another',
      "update audit_event set leaf = cast(replace(cast(leaf as text), 'person', 'system') as blob) where log = @log and seq = @seq",
    ],
  ];
  // Right before they are checked: a sealing that comes first holds the log, and every step fails.
  it.each(EVENTS)('fails at the logs when an event in the middle %s', async (_, sql) => {
    const ending = await playWith('call list', (world) =>
      inDatabase(world, (db) => {
        const log = required(world.tenants, 'harbour').id;
        const row = db
          .prepare(
            "select seq from audit_event where log = ? and cast(leaf as text) like '%access.requested%' order by seq limit 1",
          )
          .get(log);
        db.exec('drop trigger audit_event_delete; drop trigger audit_event_update');
        const { changes } = db.prepare(sql).run({ log, ...(row as { seq: number }) });
        expect(changes).toBe(1);
      }),
    );
    expect(ending).toMatchObject({ code: 1, failed: { step: 'check the logs' } });
  });

  it('fails at the erasure when a row lost its legal hold', async () => {
    const ending = await playWith('a caller asks', (world) =>
      inDatabase(world, (db) => {
        const update = db.prepare('update recording set holds = 0 where id = ? and holds = 1');
        expect(update.run(required(world.recordings, FRAUD)).changes).toBe(1);
      }),
    );
    expect(ending).toMatchObject({ code: 1, failed: { step: 'erase by two' } });
  });

  it('fails at the certificate when the outcome of a call that stays was edited', async () => {
    const ending = await playWith('erase by two', (world) =>
      inDatabase(world, (db) => {
        const update = db.prepare("update subject_match set outcome = 'told' where recording = ? and outcome = 'held'");
        expect(update.run(required(world.recordings, FRAUD)).changes).toBe(1);
      }),
    );
    expect(ending).toMatchObject({ code: 1, failed: { step: 'certify' } });
    expect(ending.failed?.why).toMatch(/lacks the call that stays/);
  });

  it('fails at the store with a blob in plaintext', async () => {
    const ending = await playWith('deny others', (world) => {
      const { audio } = world.calls[0] ?? { audio: Buffer.alloc(0) };
      writeFileSync(join(world.paths.store, 'left-over'), audio.subarray(50_001, 60_000));
    });
    expect(ending).toMatchObject({ code: 1, failed: { step: 'only ciphertext' } });
  });
});

/** Starts the demo that keeps running, and waits until it has printed everything. */
async function stayingUp(cwd: string, more: Readonly<Record<string, string>> = {}) {
  const env = { ...BASE_ENV, CALLVAULT_LISTEN: '127.0.0.1:0', ...more };
  const demo = spawn(process.execPath, DEMO, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(demo, 'exit');
  let printed = '';
  for await (const piece of demo.stdout) {
    printed += String(piece);
    if (printed.includes('Ctrl-C ends it')) break;
  }
  return { demo, ended, printed };
}

describe.concurrent('the demo that stays up', () => {
  const curl = needs('curl');
  it.skipIf(!curl.present)(
    `writes its exports with mode 0600, prints lines that work, and ends at Ctrl-C ${curl.reason}`,
    async () => {
      const data = join(FOLDER, 'stay', 'data');
      const { demo, ended, printed } = await stayingUp(TOP, { CALLVAULT_DEMO_DATA: data });
      try {
        const file = join(data, 'demo.env');
        expect(statSync(file).mode & 0o777).toBe(0o600);
        const exports = new Map(
          [...readFileSync(file, 'utf8').matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
        );
        const list = async (key: string): Promise<number> => {
          const headers = { authorization: `Bearer ${exports.get(key) ?? ''}` };
          const reply = await fetch(`${exports.get('V') ?? ''}/v1/recordings`, { headers });
          return ((await reply.json()) as { data: unknown[] }).data.length;
        };
        // Of Harbour Bank's calls the reviewer sees those of their team, and one they asked for.
        expect(await Promise.all(['SUPERVISOR', 'REVIEWER', 'YUNHAI_REVIEWER'].map(list))).toEqual([15, 12, 15]);
        const lines = printed.split('\n').filter((line) => /^ {2}(curl |\w=\$\()/.test(line));
        expect(lines.length).toBeGreaterThan(10);
        const shell = await run('bash', ['-c', `set -eo pipefail\n. ${file}\n${lines.join('\n')}`], BASE_ENV);
        expect(shell).toMatchObject({ status: 0, stderr: '' });
        expect(shell.stdout).toMatch(/"approval_required".*the same bytes.*"code":"session_ended".*"leaf":/s);
        expect(printed).toContain('Ctrl-C ends it and keeps its data.');
        // A browser has no passkeys at an IP address.
        expect(printed).toMatch(/running at http:\/\/localhost:\d+,/);
        expect(printed.match(/^ {2}\S+ .*, Harbour Bank$/gm)?.map((line) => line.trim().split(' ')[0])).toEqual([
          'reviewer',
          'supervisor',
          'auditor',
          'privacy',
          'admin',
        ]);
        const command = `. ${file}\n${process.execPath} ${builtBin()} tenants list`;
        const tenants = await run('bash', ['-c', command], BASE_ENV);
        expect(tenants).toMatchObject({ status: 0, stderr: '' });
        expect(tenants.stdout).toMatch(/Harbour Bank.*云海旅行/s);
        demo.kill('SIGINT');
        expect(await ended).toEqual([0, null]);
        await expect(fetch(`${exports.get('V') ?? ''}/healthz`)).rejects.toThrow();
        expect(existsSync(join(data, 'vault.db'))).toBe(true);
      } finally {
        demo.kill('SIGKILL');
      }
    },
  );

  it('shows a recording in every state of access, and a request in every state', async () => {
    const folder = mkdtempSync(join(FOLDER, 'fixed-'));
    const { demo, ended, printed } = await stayingUp(folder);
    try {
      // Its path is known in advance, so that docs can name it.
      expect(printed).toContain('. ./demo.env');
      const text = readFileSync(join(folder, 'demo.env'), 'utf8');
      const value = (name: string): string => new RegExp(`^export ${name}=(\\S+)$`, 'm').exec(text)?.[1] ?? '';
      for (const prefix of ['', 'YUNHAI_']) {
        const headers = { authorization: `Bearer ${value(`${prefix}REVIEWER`)}` };
        const reply = await fetch(`${value('V')}/v1/recordings`, { headers });
        const { data } = (await reply.json()) as { data: { access: { state: string; code: string | null } }[] };
        const states = new Set(data.map(({ access }) => access.state));
        expect([...states].sort()).toEqual(
          ['ask', 'cancelled', 'denied', 'listen', 'pending', 'revoked', 'unavailable'].sort(),
        );
        expect(data.some(({ access }) => access.code === 'quarantined')).toBe(true);
      }
      demo.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
      expect(existsSync(join(folder, 'demo.env'))).toBe(false);
    } finally {
      demo.kill('SIGKILL');
    }
  });

  it('takes its service along when it is killed', async () => {
    const data = join(FOLDER, 'killed', 'data');
    const env = { ...BASE_ENV, CALLVAULT_DEMO_DATA: data, CALLVAULT_LISTEN: '127.0.0.1:0' };
    const demo = spawn(process.execPath, DEMO, { cwd: TOP, env, stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = once(demo, 'exit');
    const file = join(data, 'demo.env');
    await until(
      'the demo has written its exports, or ended',
      () => demo.exitCode !== null || (existsSync(file) && /V=\S+\n/.test(readFileSync(file, 'utf8'))),
    );
    expect(demo.exitCode).toBeNull();
    demo.kill('SIGKILL');
    await ended;
    const base = /V=(\S+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    const alive = () =>
      fetch(`${base}/healthz`).then(
        () => true,
        () => false,
      );
    await until('its service is gone', async () => !(await alive()), { everyMs: 100 });
  });
});
