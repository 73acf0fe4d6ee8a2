// callvault log follow: each event once and in order, over cuts and restarts, and no step beside a log that went back.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Format, followLog, type Position } from '../../src/cli/log/follow-log.ts';
import { type LogClient, logClient } from '../../src/cli/log/log-client.ts';
import { VaultError } from '../../src/errors.ts';
import { builtBin } from '../support/built.ts';
import { runCallvault } from '../support/run-callvault.ts';
import { growTenant, sizeOf } from '../support/sealed-tenant.ts';
import { until } from '../support/until.ts';
import { freshWorld } from '../support/worlds.ts';

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'callvault-followed-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

type Run = {
  readonly lines: string[];
  readonly kept: Position[];
  readonly waits: number[];
  readonly failures: string[];
};

/** Follows until nothing is new, with no real waits. */
async function follow(
  client: Pick<LogClient, 'events'>,
  start: Position = { next: 0, last: null },
  format: Format = 'leaves',
): Promise<Run> {
  const run: Run = { lines: [], kept: [], waits: [], failures: [] };
  await followLog(
    client,
    start,
    { format, every: 10_000, once: true },
    {
      take: async (lines) => void run.lines.push(...lines),
      keep: async (position) => void run.kept.push(position),
      wait: async (milliseconds) => void run.waits.push(milliseconds),
      failed: (message) => void run.failures.push(message),
    },
  );
  return run;
}

describe('following a log of a running service', () => {
  const world = freshWorld({ signed: true });
  const clientOf = async (key = world.harbour.auditor.key) =>
    logClient((await world.listen()).url, key, new AbortController().signal);
  const indexes = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { index: number }).index);

  it.each(['leaves', 'ocsf'] as const)('prints each event once, and goes on where it stopped: %s', async (format) => {
    const { tenant } = world.harbour;
    await growTenant(world, tenant, 400);
    const client = await clientOf();
    const first = await follow(client, { next: 0, last: null }, format);
    const size = first.lines.length;
    const sequence = (line: string): number =>
      format === 'ocsf'
        ? (JSON.parse(line) as { metadata: { sequence: number } }).metadata.sequence
        : (indexes([line])[0] ?? -1);
    expect(first.lines.map(sequence)).toEqual(Array.from({ length: size }, (_, n) => n));
    // Reading is an event too.
    expect(size).toBeGreaterThanOrEqual((await sizeOf(world, tenant)) - 1);
    expect(first.kept.length).toBeGreaterThan(2);
    await growTenant(world, tenant, 5);
    const again = await follow(client, first.kept.at(-1), format);
    expect(again.lines.map(sequence)[0]).toBe(size);
    expect(again.lines.length).toBeGreaterThanOrEqual(5);
    const nothing = await follow(client, again.kept.at(-1), format);
    expect(nothing).toMatchObject({ lines: [], kept: [] });
  });

  it('tries again after a failure, later each time, and loses and repeats nothing', async () => {
    const client = await clientOf();
    let asked = 0;
    const failing: Pick<LogClient, 'events'> = {
      events: async (...args) => {
        asked++;
        if (asked <= 8) throw asked % 2 === 0 ? new TypeError('terminated') : new VaultError('not_available', 'down');
        const text = await client.events(...args);
        return asked === 9 ? text.slice(0, text.length / 2) : text;
      },
    };
    const run = await follow(failing);
    expect(run.waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000));
    expect(run.failures.slice(0, 2)).toEqual(['down', 'terminated']);
    expect(run.failures.at(-1)).toBe('the reply of the service is not JSON, or was cut');
    expect(indexes(run.lines)).toEqual(run.lines.map((_, n) => n));
  });

  it('ends at a log that is shorter, or another one, and at an event without its hash', async () => {
    const client = await clientOf();
    const { kept } = await follow(client);
    const position = kept.at(-1) ?? expect.fail('nothing was followed');
    const changed = (change: (events: Record<string, unknown>[]) => unknown): Pick<LogClient, 'events'> => ({
      events: async (...args) => {
        const list = JSON.parse(await client.events(...args)) as { data: Record<string, unknown>[] };
        return JSON.stringify({ ...list, data: change(list.data) });
      },
    });
    const rejected = (of: Pick<LogClient, 'events'>, from: Position = position) =>
      follow(of, from).then(
        () => '',
        (error: VaultError) => `${error.code} ${error.message}`,
      );
    const { last, next } = position;
    expect(await rejected(client, { next: next + 5000, last })).toMatch(/^integrity .* has no event \d+ any more/);
    expect(await rejected(client, { next: next - 1, last })).toMatch(/^integrity .* is another one than was followed/);
    const start = { next: 0, last: null };
    expect(
      await rejected(
        changed((data) => data.slice(1)),
        start,
      ),
    ).toMatch(/^integrity .* event 1 instead of 0/);
    expect(
      await rejected(
        changed(([a, b, ...more]) => [{ ...a, leaf: b?.['leaf'] }, b, ...more]),
        start,
      ),
    ).toMatch(/^integrity .* event 0 does not have its hash/);
    const foreign = changed(([a, ...more]) => [a, ...more.map((one) => ({ ...one, log: 'vault.example/ten_b' }))]);
    expect(await rejected(foreign, start)).toMatch(/^integrity .* event 1 is of vault.example\/ten_b/);
    expect(await rejected(await clientOf(world.harbour.reviewer.key), start)).toMatch(/^forbidden .* 403/);
    expect(await rejected(await clientOf('cv_wrong'), start)).toMatch(/^unauthenticated .* 401/);
  });

  it('is a command that prints, keeps its state, goes on after a signal, and says what is wrong', async () => {
    const { tenant, auditor } = world.harbour;
    const [keyFile, state] = [join(out, 'key'), join(out, 'state')];
    writeFileSync(keyFile, auditor.key);
    const { url } = await world.listen();
    const args = ['log', 'follow', url, '--api-key-file', keyFile, '--state', state];
    const child = spawn(process.execPath, [builtBin(), ...args, '--every', '1'], { env: {}, stdio: 'pipe' });
    let [printed, said] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await until('a first event', async () => printed.includes('\n') && existsSync(state));
    await growTenant(world, tenant, 3);
    const size = await sizeOf(world, tenant);
    await until('all events', async () => indexes(printed.trim().split('\n')).length >= size);
    await until('the state', async () => (JSON.parse(readFileSync(state, 'utf8')) as Position).next >= size);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(said).toBe('');
    const before = indexes(printed.trim().split('\n'));
    await growTenant(world, tenant, 2);
    const more = await runCallvault({}, ...args, '--once');
    expect([more.code, more.err]).toEqual([0, '']);
    const all = [...before, ...indexes(more.out.trim().split('\n'))];
    expect(all).toEqual(all.map((_, n) => n));
    writeFileSync(state, JSON.stringify({ next: 4, last: { log: 'vault.example/x', hash: 'AA==' } }));
    const other = await runCallvault({}, ...args, '--once', '--format', 'ocsf');
    expect([other.code, other.out]).toEqual([1, '']);
    expect(other.err).toContain('This is not the log that was followed');
    writeFileSync(state, 'nothing');
    expect((await runCallvault({}, ...args, '--once')).err).toContain('is not a state of log follow');
  });
});
