// Benches of whole calls: the order of the rounds, the groups of a profile, the bare minimum, and one small run.
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memberAt } from '../../../scripts/demo/world.ts';
import { builtFile } from '../../support/built.ts';
import { postgresPrograms } from '../../support/servers/postgres.ts';
import { until } from '../../support/until.ts';
import { MINUTE, minuteOfMp3, muLaw } from './audio.ts';
import { CALL_NAMES, type Call, callsOf } from './calls.ts';
import { callClient } from './client.ts';
import { binOf, serveBare, serveProduct, setUp } from './deployment.ts';
import { ENGINES, startEngines } from './engines.ts';
import type { LoadFigures } from './load.ts';
import { type Contender, measureCalls } from './measure.ts';
import { timeByGroup } from './profile-groups.ts';
import { ownBin } from './programs.ts';
import type { EngineFigures } from './run.ts';
import { callsTable, loadTable } from './table.ts';
import { watchPostgres } from './wire.ts';

describe('the rounds', () => {
  it('measure a call on every server, another one first in each round, and leave out the first ones', async () => {
    const ran: string[] = [];
    const served = (name: string, milliseconds: number): Contender => {
      let spent = 0;
      const server = { processorMs: async () => spent } as Contender['server'];
      const healthz = async (): Promise<void> => {
        // The first round is slow.
        spent += ran.length < 6 ? 1000 : milliseconds;
        ran.push(name);
      };
      return { name, server, client: { healthz } as Contender['client'] };
    };
    const call: Call = { name: 'healthz', times: 2, run: (client) => client.healthz() };
    const figures = await measureCalls([served('a', 4), served('b', 2), served('c', 8)], [call], 2, 1);
    expect(ran.join('')).toBe('aabbccbbccaaccaabb');
    expect(figures[0]?.milliseconds['a']).toEqual({ median: 4, p10: 4, p90: 4 });
    expect(Object.entries(figures[0]?.ratios ?? {}).map(([name, { median }]) => [name, median])).toEqual([
      ['b', 2],
      ['c', 0.5],
    ]);
    expect(callsTable(figures).split('\n')[1]).toMatch(/^healthz +4\.00 +2\.00 +8\.00 +2\.00× .+ 0\.50×/);
  });
});

describe('the load', () => {
  it('says how many times as many calls the product makes', () => {
    const figures = (server: string, perSecond: number): LoadFigures => ({
      ...{ scenario: '2 upload', server, longestTurn: 12, p99Turn: 3, cores: 0.5 },
      calls: { deposit: { perSecond, p50: 10, p95: 20 } },
    });
    const [, product, before] = loadTable([figures('callvault', 30), figures('before', 20)]).split('\n');
    expect(product).toMatch(/^callvault: deposit +30\.0 +10 +20 +12 +3 +0\.50 +1\.50×$/);
    expect(before).toMatch(/^before: deposit +20\.0 +10 +20 +12 +3 +0\.50$/);
  });
});

describe('the groups of a profile', () => {
  /** One frame a millisecond, each called by the one before it. */
  const chain = (...frames: readonly (readonly [file: string, functionName: string])[]) =>
    Object.fromEntries(
      timeByGroup({
        nodes: [['', '(root)'] as const, ...frames].map(([url, functionName], n) => ({
          ...{ id: n + 1, callFrame: { url, functionName, lineNumber: 0, columnNumber: 0 } },
          children: n < frames.length ? [n + 2] : [],
        })),
        samples: frames.map((_, n) => n + 2),
        timeDeltas: frames.map(() => 1000),
      }),
    );

  it('are found by files and functions, and V8’s own functions belong to their callers', () => {
    expect(chain(['file:///x/dist/src/bytes/canonical-json.js', 'a'], ['', 'stringify'])).toEqual({
      'canonical JSON': 2,
    });
    expect(chain(['file:///x/src/vault/a.js', 'a'], ['', 'map'], ['file:///x/node_modules/zod/a.js', 'b'])).toEqual({
      'verbs and the rest': 2,
      'HTTP and validation': 1,
    });
  });

  it('leave out what is idle and the inspector, and keep a statement whole', () => {
    expect(chain(['', '(idle)'])).toEqual({});
    expect(chain(['node:inspector', 'post'], ['', 'dispatch'])).toEqual({ 'verbs and the rest': 1 });
    expect(chain(['/calls/drivers.js', 'sqlCommit'], ['node:fs', 'a'])).toEqual({ 'SQL: commit': 2 });
  });
});

describe('the messages to PostgreSQL', () => {
  const message = (type: string, ...texts: readonly string[]): Buffer => {
    const body = Buffer.from(texts.map((text) => `${text}\0`).join(''));
    const head = Buffer.from(`${type}0000`);
    head.writeUInt32BE(4 + body.length, 1);
    return Buffer.concat([head, body]);
  };

  it('are counted by statement, and those sent together are one round trip', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const seen: string[] = [];
    watchPostgres(port, { executed: (sql) => seen.push(sql), roundTrip: () => seen.push('trip') });
    const socket = connect(port, '127.0.0.1');
    const [peer] = (await once(server, 'connection')) as [Socket];
    let answered = 0;
    socket.on('data', ({ length }: Buffer) => {
      answered += length;
    });
    const answer = async (bytes: Buffer): Promise<void> => {
      const before = answered;
      peer.write(bytes);
      await until('the answer arrives', () => answered === before + bytes.length);
    };
    const row = Buffer.concat([message('D', 'a row'), message('Z', 'I')]);
    await until('it is connected', () => socket.readyState === 'open');

    socket.write(Buffer.concat([message('P', 'one', 'select 1'), message('B', '', 'one'), message('E', '')]));
    socket.write(message('S'));
    await answer(row.subarray(0, 8));
    await answer(row.subarray(8));
    socket.write(message('Q', 'begin'));
    socket.write(Buffer.concat([message('B', '', 'one'), message('E', ''), message('S')]));
    await answer(message('Z', 'T'));
    socket.write(message('Q', 'commit'));
    await answer(Buffer.concat([row, message('Z', 'I')]));
    socket.write(message('Q', 'select 2'));
    expect(seen).toEqual(['select 1', 'trip', 'begin', 'trip', 'select 1', 'commit', 'select 2', 'trip']);
    socket.destroy();
    server.close();
  });
});

describe('the sound', () => {
  it('is a minute, and the MP3 has whole frames', () => {
    expect(muLaw(MINUTE).bytes).toHaveLength(480_000);
    const { bytes } = minuteOfMp3();
    expect(bytes.length % 576).toBe(0);
    for (let at = 0; at < bytes.length; at += 576) expect(bytes.readUInt16BE(at)).toBe(0xffe3);
  });
});

describe('a checkout', () => {
  it('must be built', () => {
    expect(() => binOf(join(import.meta.dirname, 'nowhere'))).toThrow('npm run build');
  });
});

describe('the bare minimum', () => {
  const installed = ENGINES.filter((engine) => engine === 'sqlite' || postgresPrograms() !== null);
  it.each(installed)('writes on %s what the product verifies, serves and continues', async (engine) => {
    const engines = await startEngines(engine);
    const made = await setUp(ownBin(), await engines.next());
    const bare = await serveBare(made);
    try {
      const before = callClient(bare.base, made);
      const wav = muLaw(MINUTE);
      const recording = await before.deposit(wav);
      const session = await before.open(await before.approve(await before.ask(recording)));
      const start = 100_000;
      expect((await before.range(session, start, 65_536)).text).toBe(wav.bytes.toString('latin1', start, start + 4096));
      const sealed = await before.open(await before.approve(await before.ask(await before.depositSealed(wav))));
      expect((await before.range(sealed, start, 4096)).text).toBe(wav.bytes.toString('latin1', start, start + 4096));
      const [grant, request] = [await before.approve(await before.ask(recording)), await before.ask(recording)];
      await before.list();
      await before.search();
      await before.read(recording);
      await before.correct(recording);
      await before.amend(recording);
      await bare.stop();

      const verify = ['verify', '--tenant', made.tenant, '--all', '--json'];
      const out = execFileSync(process.execPath, [ownBin(), ...verify], { env: made.environment, encoding: 'utf8' });
      const summary = memberAt(JSON.parse(out.trim().split('\n').at(-1) ?? ''), 'summary');
      expect(summary).toMatchObject({ deposits: 2, opened: 2, not_checked: 0, findings: 0 });
      const product = await serveProduct(ownBin(), made);
      try {
        const after = callClient(product.base, made);
        expect((await after.range(session, start, 65_536)).text).toBe(
          wav.bytes.toString('latin1', start, start + 4096),
        );
        expect((await after.range(sealed, start, 4096)).text).toBe(wav.bytes.toString('latin1', start, start + 4096));
        await after.depositSealed(wav);
        await after.open(grant);
        await after.approve(request);
        await after.read(recording);
        await after.correct(recording);
        await after.close(session);
      } finally {
        await product.stop();
      }
    } finally {
      await bare.stop();
      made.remove();
      await engines.close();
    }
  });
});

describe('the bench', () => {
  it('measures calls, load and profiles of both servers in a small run', () => {
    const bench = builtFile('test/bench/bench.ts');
    const small = ['--rounds', '1', '--each', '1', '--warming', '1', '--seconds', '1', '--calls', '2', '--many', '2'];
    const args = [bench, '--json', '--only', 'calls,load', '--profile', 'all', ...small];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const { served } = JSON.parse(stdout) as { served: EngineFigures[] };
    const [{ calls, load, profile } = { calls: [], load: [], profile: [] }] = served;
    expect(callsOf(1).map(({ name }) => name)).toEqual(CALL_NAMES);
    expect(calls.map(({ call }) => call)).toEqual(CALL_NAMES);
    for (const { milliseconds, ratios } of calls) {
      expect(Object.keys(milliseconds)).toEqual(['callvault', 'bare minimum']);
      expect(ratios['bare minimum']?.median).toBeGreaterThan(0);
    }
    expect(new Set(load.map(({ server }) => server))).toEqual(new Set(['callvault', 'bare minimum']));
    expect(load).toHaveLength(12);
    for (const one of load) expect(Object.keys(one.calls).length).toBeGreaterThan(0);
    expect(profile.map(({ call }) => call)).toEqual([...CALL_NAMES, ...CALL_NAMES]);
    const [deposit] = profile;
    expect(deposit?.groups['crypto']).toBeGreaterThan(0);
    expect(deposit?.statements).toMatchObject({ writes: expect.toSatisfy((writes) => writes > 10), roundTrips: 0 });
  });

  it.skipIf(postgresPrograms() === null)('measures both servers on PostgreSQL and S3', () => {
    const small = ['--rounds', '1', '--each', '1', '--warming', '1'];
    const args = [builtFile('test/bench/bench.ts'), '--only', 'calls', '--engine', 'postgres', ...small];
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^processor time a call, ms +callvault +bare minimum +by bare minimum +p10 – p90$/m);
    for (const name of CALL_NAMES) expect(stdout).toMatch(new RegExp(`^${name} +[\\d.]+ +[\\d.]+ +[\\d.]+× `, 'm'));
  });

  it('names the calls that it can profile', () => {
    const args = [builtFile('test/bench/bench.ts'), '--profile', 'everything'];
    expect(spawnSync(process.execPath, args, { encoding: 'utf8' }).stderr).toContain('deposit-mp3');
  });
});
