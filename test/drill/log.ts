// A log of a million events: sealed, exported, and verified by both programs in their own processes, with time and memory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { newId } from '../../src/bytes/ids.ts';
import { logName, type NewEvent } from '../../src/model/audit-event.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import { exportLog } from '../../src/vault/sealing/export-log.ts';
import { sealLog } from '../../src/vault/sealing/seal-log.ts';
import { builtBin } from '../support/built.ts';
import { ORIGIN } from '../support/fixture-rows.ts';
import { tenant as tenantRow } from '../support/more-fixture-rows.ts';
import { request, type SealedLogWorld, type SealingDeps, sealedLog } from '../support/sealing.ts';
import { writeCalls } from './log-events.ts';

/**
 * What a step took: by the clock, and of the processor (0 where the system does not say it). `mib`: the most memory that
 * its process had; 0 where it is not measured.
 */
export type LogStep = { readonly step: string; readonly seconds: number; readonly cpu: number; readonly mib: number };
type Cost = { readonly cpu: number; readonly mib: number };
export type LogDrill = { readonly events: number; readonly findings: number; readonly steps: readonly LogStep[] };

const operator = operatorActor('op-1');
/** A tenant's log: its row has no key. */
const LOG = newId('ten');

/** Makes, seals, exports and verifies a log of at least so many events. `python`: by the program of the page too. */
export async function drillLog(
  { events, python }: { readonly events: number; readonly python: boolean },
  say: (line: string) => void,
): Promise<LogDrill> {
  const world = await sealedLog();
  const out = await mkdtemp(join(tmpdir(), 'callvault-drill-log-'));
  const steps: LogStep[] = [];
  const timed = async <T>(step: string, work: () => Promise<{ readonly done: T } & Cost>): Promise<T> => {
    const from = performance.now();
    const { done, cpu, mib } = await work();
    const seconds = Math.round((performance.now() - from) / 100) / 10;
    steps.push({ step, seconds, cpu, mib });
    say(`${step}: ${seconds} s, ${cpu} s of the processor${mib === 0 ? '' : `, ${mib} MiB at most`}`);
    return done;
  };
  const here = async <T>(work: Promise<T>): Promise<{ readonly done: T } & Cost> => {
    const from = process.cpuUsage();
    const done = await work;
    const { user, system } = process.cpuUsage(from);
    return { done, cpu: Math.round((user + system) / 100_000) / 10, mib: 0 };
  };
  const bin = builtBin();
  try {
    await timed('write the events', () => here(writeEvents(world, events)));
    await timed('seal', () => here(sealLog(world.deps, new Map(), LOG, request())));
    await timed('export', () => here(writeExport(world.deps, out)));
    const [key = ''] = verifiersOf(world.deps.signer, logName(ORIGIN, LOG));
    const args = [out, '--key', key, '--json'];
    const verified = await timed('callvault log verify', () => run(process.execPath, [bin, 'log', 'verify', ...args]));
    const reports = [verified];
    if (python)
      reports.push(await timed('verify_log.py', () => run('/usr/bin/python3', ['docs/verify_log.py', ...args])));
    const [first, ...others] = reports.map(
      (text) => JSON.parse(text) as { findings: number; logs: [{ events: number }] },
    );
    if (first === undefined || others.some(({ findings }) => findings !== first.findings))
      throw new Error('the programs differ');
    return { events: first.logs[0].events, findings: first.findings, steps };
  } finally {
    await world.end();
    await rm(out, { recursive: true, force: true });
  }
}

/** Runs a program to its end; 1 is its status for findings. */
async function run(program: string, args: readonly string[]): Promise<{ readonly done: string } & Cost> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let cost: Cost = { cpu: 0, mib: 0 };
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const timer = setInterval(() => {
    cost = costOf(child.pid) ?? cost;
  }, 50);
  const [status] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  if (status !== 0 && status !== 1) throw new Error(`${program} ended with ${status}`);
  return { done: text, ...cost };
}

/** What a process cost so far, as Linux says it; null where it does not, or the process has ended. */
function costOf(pid: number | undefined): Cost | null {
  try {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, '').split(' ').slice(12, 14);
    // A tick is 10 ms.
    const cpu = Math.round((Number(user) + Number(system)) / 10) / 10;
    return peak === undefined ? null : { cpu, mib: Math.round(Number(peak) / 1024) };
  } catch {
    return null;
  }
}

async function writeExport(deps: SealingDeps, out: string): Promise<void> {
  // Nothing of this log is sealed with a key.
  const vault = { ...deps, metadataKeys: {} as never };
  for await (const { path, bytes } of exportLog(vault, operator, LOG, request())) {
    await mkdir(dirname(join(out, path)), { recursive: true });
    await writeFile(join(out, path), bytes);
  }
}

/** People of the log, and what they do. */
async function writeEvents({ deps: { db }, tested }: SealedLogWorld, events: number): Promise<void> {
  const [reviewer, supervisor, service] = [newId('usr'), newId('usr'), newId('svc')];
  const start = Date.now();
  tested.setClock(start);
  const keys = new Map([reviewer, supervisor, service].map((principal) => [principal, newId('key')]));
  const year = new Date(start + 365 * 24 * 3_600_000).toISOString();
  const write = (made: readonly NewEvent[]) => db.change(async () => ({ result: null, events: made }), request());
  const row = { ...tenantRow, tenant: LOG, key: null };
  const made = event(LOG, operator, 'person.added', { id: reviewer, roles: 'reviewer' }, {});
  await db.change(async (tx) => {
    await tx.tenants.insert(row);
    return { result: null, events: [made] };
  }, request());
  await write([
    event(LOG, operator, 'person.added', { id: supervisor, roles: 'supervisor' }, {}),
    event(LOG, operator, 'service.added', { id: service, roles: 'uploader' }, {}),
  ]);
  await write(
    [...keys].map(([principal, id]) =>
      event(LOG, operator, 'api_key.created', { id, principal, scopes: 'decide,listen,request', expires: year }, {}),
    ),
  );
  const cast = { reviewer, supervisor, service, keys, policy: newId('pol') };
  await writeCalls(db, LOG, cast, start, events);
}
