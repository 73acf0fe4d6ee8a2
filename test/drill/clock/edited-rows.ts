// A database writer at a service that runs and whose clock is trusted for age: times in the heads of logs, rows that say an
// earlier time, and facts sealed with the keys of an ingest node.
import { builtFile } from '../../support/built.ts';
import type { Server } from '../../support/fault-deployment.ts';
import { jsonLines } from '../../support/run-callvault.ts';
import { runProgram } from '../../support/run-program.ts';
import { until } from '../../support/until.ts';
import type { Lines } from './lines.ts';
import { openMinute, type Stage, send, upload } from './people.ts';

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
const OLD = '1990-01-01T00:00:00.000Z';
const IN_2040 = '2040-01-01T00:00:00.000Z';
/** Every round of the background work that may destroy comes within it. */
const ROUNDS_MS = 5 * MINUTE;

/** States of recordings by id. */
type States = ReadonlyMap<string, string>;

/** Recordings by call id. */
export type Calls = ReadonlyMap<string, string>;

/** Uploads the calls of a replay: one of 2019, which is due after the grace, and four of now. */
export async function uploadCalls({ url, harbour, yunhai }: Stage): Promise<Calls> {
  const calls = new Map<string, string>();
  for (const call of ['old', 'row', 'late', 'forged', 'kept']) {
    const sent = await upload(url, harbour, call, call === 'old' ? '2019-01-15T10:00:00Z' : undefined);
    calls.set(call, String(sent.body['recording']));
  }
  await upload(url, yunhai, 'kept');
  return calls;
}

/** A process becomes trusted for age, and erases what is due and nothing else. */
export async function playControl(
  { clock, states, metrics, harbour }: Stage,
  calls: Calls,
  { hold }: Lines,
): Promise<void> {
  await clock.forward(11 * MINUTE);
  await until('the clock is trusted', async () => {
    await clock.forward(MINUTE);
    return (await metrics()).includes('callvault_clock_trusted_in_seconds 0\n');
  });
  await clock.set(clock.now() - Date.now() + 85 * HOUR);
  const stateOf = async (call: string) => (await states(harbour.tenant)).get(calls.get(call) ?? '');
  await until('the call of 2019 expires', async () => {
    await clock.forward(MINUTE);
    return (await stateOf('old')) !== 'AVAILABLE';
  });
  const others = [...calls.keys()].filter((call) => call !== 'old');
  const seen = await Promise.all(others.map(stateOf));
  hold(
    'control: trusted after ten minutes, a call of 2019 expires, the others stay',
    seen.every((one) => one === 'AVAILABLE'),
    seen,
  );
}

/** Rows and facts that say an earlier time. */
export async function playForgedRows(stage: Stage, server: Server, calls: Calls, { hold }: Lines): Promise<void> {
  const { clock, url, harbour, sql, run, events } = stage;
  const before = await stage.states(harbour.tenant);
  const idOf = (call: string): string => calls.get(call) ?? '';
  // More than a day after the audio, by the key of what uploads: a valid entry, which would let the call go after a day.
  const patched = await send(url, harbour.uploader, 'PATCH', '/v1/ingest/pbx/late', { queue: 'short' });
  const facts = await forgedFacts(stage, idOf('forged'));
  await sql(async ({ set }) => {
    const earlier = { erase_after: OLD, keep_until: null };
    for (const call of ['row', 'late']) await set('recording', { id: idOf(call) }, earlier);
    await set('recording', { id: idOf('forged') }, { ...earlier, facts, started_at: OLD });
  });
  const named = async () => {
    const made = (await events(harbour.tenant)).filter(({ action }) => action === 'recording.row_differs');
    return new Set(made.map(({ object }) => object['id']));
  };
  const edited = ['row', 'late', 'forged'].map(idOf);
  await until(
    'the log names the rows',
    async () => {
      await clock.forward(MINUTE);
      return (await named()).size >= edited.length;
    },
    { patienceMs: 60_000, seen: server.log },
  );
  await clock.forward(ROUNDS_MS);
  const after = await stage.states(harbour.tenant);
  hold('A3: a late patch by an uploader’s key is taken', patched.status === 200, patched);
  hold(
    'A3: rows by SQL, a late entry and facts sealed with the node’s keys let nothing go',
    isUnchanged(before, after) && edited.every((id) => after.get(id) === 'AVAILABLE'),
    [...after],
  );
  hold('A3: the log names each (recording.row_differs)', (await named()).size === edited.length, [...(await named())]);
  const { out } = await run(['verify', '--tenant', harbour.tenant, '--all', '--json'], 1);
  const found = jsonLines({ out }).filter((line) => Object.values(line).includes('lifetime_differs'));
  hold(
    'A3: verify names each (lifetime_differs)',
    edited.every((id) => found.some((one) => Object.values(one).includes(id))),
    out,
  );
}

/** The facts of a recording with another time of the call, sealed with the metadata key, which a node with `ingest` has. */
async function forgedFacts({ environment, harbour }: Stage, id: string): Promise<Buffer> {
  const file = builtFile('test/support/forging-process.ts');
  const args = [file, harbour.tenant, id, OLD];
  const { code, out, err } = await runProgram(process.execPath, args, { env: environment() });
  if (code !== 0) throw new Error(`forging facts: ${err}`);
  return Buffer.from(out, 'base64');
}

/** The times in the heads of logs. */
export async function playForgedMarks(stage: Stage, server: Server, calls: Calls, { hold }: Lines): Promise<void> {
  const { clock, url, harbour, yunhai, sql, metrics } = stage;
  const before = [await stage.states(harbour.tenant), await stage.states(yunhai.tenant)];
  const logs = [yunhai.tenant, harbour.tenant, 'deployment'];
  const count = async () => Number(/^callvault_log_times_set_right_total (\d+)/m.exec(await metrics())?.[1] ?? 0);
  const setTo = (log: string, mark: string) => sql(({ set }) => set('audit_head', { log }, { mark }));
  const counted = await count();
  for (const [n, log] of logs.entries()) {
    await setTo(log, IN_2040);
    const sent = [await upload(url, yunhai, `a1-${n}`), await upload(url, harbour, `a1-${n}`)];
    hold(
      `A1: both tenants are served with the mark of ${nameOf(stage, log)} in 2040`,
      sent.every(({ status }) => status === 201),
      sent,
    );
  }
  await clock.forward(ROUNDS_MS);
  const after = [await stage.states(harbour.tenant), await stage.states(yunhai.tenant)];
  hold(
    'A1: nothing is destroyed',
    before.every((one, n) => isUnchanged(one, after[n] ?? new Map())),
    after.map((one) => [...one]),
  );
  const warned = logs.slice(0, 2).every((log) => isWarned(server.log(), log));
  hold('A1: the marks are set right, with a warning, and counted', warned && (await count()) >= counted + 2, [
    counted,
    await count(),
    server.log().slice(-1_500),
  ]);

  await setTo(harbour.tenant, new Date(clock.now() + 55 * SECOND).toISOString());
  const media = await openMinute(url, harbour, calls.get('kept') ?? '');
  await setTo(harbour.tenant, IN_2040);
  const heard = await send(url, harbour.keys.reviewer, 'GET', media);
  await clock.forward(2 * MINUTE + SECOND);
  await setTo(harbour.tenant, new Date(clock.now() - 2 * MINUTE).toISOString());
  const late = await send(url, harbour.keys.reviewer, 'GET', media);
  hold(
    'A1: a session of a minute plays, and has ended a minute after its end',
    isHeard(heard.status) && !isHeard(late.status),
    [heard.status, late],
  );
}

/** What `verify` says where it looks before the service does. */
export async function playMarkAtRest({ sql, run, serve, url, yunhai }: Stage, { hold }: Lines): Promise<void> {
  await sql(({ set }) => set('audit_head', { log: yunhai.tenant }, { mark: IN_2040 }));
  const { out } = await run(['verify', '--tenant', yunhai.tenant, '--json'], 1);
  hold('A1: verify names an edited mark (mark_differs)', out.includes('mark_differs'), out);
  // The command's own writing set it right.
  await sql(({ set }) => set('audit_head', { log: yunhai.tenant }, { mark: IN_2040 }));
  const server = await serve();
  const sent = await upload(url, yunhai, 'after');
  const isSetRight = isWarned(server.log(), yunhai.tenant);
  hold('A1: the next start sets it right, and serves', sent.status === 201 && isSetRight, [sent, server.log()]);
  await server.stop();
}

function isWarned(log: string, of: string): boolean {
  return log.split('\n').some((line) => line.includes(of) && line.includes('set right'));
}

function isHeard(status: number): boolean {
  return status === 200 || status === 206;
}

function nameOf({ harbour, yunhai }: Stage, log: string): string {
  return log === harbour.tenant ? 'one tenant' : log === yunhai.tenant ? 'another tenant' : 'the deployment';
}

/** Whether all recordings are there that were; new ones may have come. */
export function isUnchanged(before: States, after: States): boolean {
  return [...before].every(([id, state]) => state !== 'AVAILABLE' || after.get(id) === state);
}
