// A clock that is years ahead for one start and for three, put right by two people; and one that is set back.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TOP } from '../../docs/documents.ts';
import { fakeClock } from '../../support/fake-clock.ts';
import { jsonLines, runCallvault } from '../../support/run-callvault.ts';
import { until } from '../../support/until.ts';
import { type Calls, isUnchanged } from './edited-rows.ts';
import type { Lines } from './lines.ts';
import {
  byTwo,
  moreTenant,
  newKeyOf,
  newKeys,
  type Operators,
  openMinute,
  type Stage,
  send,
  upload,
} from './people.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const AHEAD = 2_200 * DAY;

/** One process whose clock alone is wrong, where PostgreSQL's is right. */
export async function playAlone(stage: Stage, { hold }: Lines): Promise<void> {
  if (stage.engine === 'sqlite') return;
  const before = [await stage.states(stage.harbour.tenant), (await eventsOfAll(stage)).length] as const;
  const own = fakeClock(join(stage.folder, 'own-clock'), AHEAD);
  const made = await runCallvault(
    { ...stage.environment(), ...own.environment },
    ...newKeyOf(stage.harbour.tenant, stage.harbour.ids.uploader),
    '--alone',
  );
  const started = await stage.serve(own.environment).then(
    (server) => server,
    (error: Error) => error,
  );
  const ready =
    started instanceof Error
      ? started.message
      : await (await fetch(`${stage.url}/readyz`, { headers: { connection: 'close' } })).text();
  await own.forward(12 * MINUTE);
  if (!(started instanceof Error)) await started.stop();
  const after = [await stage.states(stage.harbour.tenant), (await eventsOfAll(stage)).length] as const;
  hold(
    'A2: a process whose clock alone is wrong destroys nothing and writes nothing',
    isUnchanged(before[0], after[0]) && before[1] === after[1] && made.code === 1,
    [made, ready, before[1], after[1]],
  );
}

/** What is left of the wrong time: a key of what uploads, and a session. */
export type Left = { readonly uploader: string; readonly media: string };

/** The machine's clock is years ahead for three starts. */
export async function playAhead(stage: Stage, operators: Operators, calls: Calls, { hold }: Lines): Promise<Left> {
  const { clock, url, harbour, serve } = stage;
  const before = await stage.states(harbour.tenant);
  await clock.set(AHEAD);
  const first = await serve();
  // Earlier keys have expired by this clock.
  const keys = await newKeys(harbour.tenant, harbour.ids, async (command) => {
    return jsonLines(await byTwo(stage, operators, command)).at(-1)?.['secret'];
  });
  const cast = { ...harbour, uploader: keys.uploader, keys };
  const sent = await upload(url, cast, 'wrong');
  const media = await openMinute(url, cast, calls.get('kept') ?? '');
  await clock.forward(12 * MINUTE);
  const waits = async (): Promise<string | undefined> =>
    /^callvault_clock_trusted_in_seconds (\S+)/m.exec(await stage.metrics())?.[1];
  await until('it says how its clock is trusted', async () => {
    await clock.forward(MINUTE);
    return (await waits()) !== undefined;
  });
  const trusted = await waits();
  const once = await stage.states(harbour.tenant);
  hold('A2: 2,200 days ahead for one start, twelve minutes of it: nothing is destroyed', isUnchanged(before, once), [
    ...once,
  ]);
  hold(
    'A2: the service works on meanwhile, and expiry waits for two people',
    sent.status === 201 && trusted === '+Inf',
    [sent, waits],
  );
  await first.stop();
  for (let start = 0; start < 2; start++) {
    const again = await serve();
    await clock.forward(11 * MINUTE);
    await again.stop();
  }
  const thrice = await stage.states(harbour.tenant);
  hold('A2: for three starts: nothing is destroyed', isUnchanged(once, thrice), [...thrice]);
  await clock.set(0);
  return { uploader: keys.uploader, media };
}

/** The clock is right again: what is ahead is named, two people put it right, and both programs see it. */
export async function playPutRight(stage: Stage, operators: Operators, left: Left, { hold }: Lines): Promise<void> {
  const { url, harbour, yunhai, serve, run } = stage;
  const server = await serve();
  const ours = await upload(url, harbour, 'right-1');
  hold('A2: the clock is right again: 503 clock_differs', ours.status === 503 && ours.code === 'clock_differs', ours);
  type Ready = { readonly checks: readonly { readonly check: string; readonly ahead?: number }[] };
  const { checks } = (await (await fetch(`${url}/readyz`, { headers: { connection: 'close' } })).json()) as Ready;
  const ahead = checks.find(({ check }) => check === 'log')?.ahead;
  hold('A2: /readyz counts the logs that are ahead', ahead !== undefined && ahead > 0, checks);
  const doctor = await run(['doctor'], 1);
  const said = `${doctor.out}${doctor.err}`;
  hold('A2: doctor names one, and the command', said.includes('ahead') && said.includes('clock correct'), said);
  const corrected = await byTwo(stage, operators, ['clock', 'correct'], async () => {
    const other = await moreTenant(stage, 'Delta');
    const sent = [await upload(url, other, 'right-1'), await upload(url, harbour, 'right-1')];
    hold(
      'A2: meanwhile a tenant whose log is right is served',
      sent[0]?.status === 201 && sent[1]?.status === 503,
      sent,
    );
  });
  const isRight =
    [harbour, yunhai].every(({ tenant }) => !corrected.out.includes(`! ${tenant}`)) &&
    corrected.out.includes(`✓ ${harbour.tenant}`);
  hold('A2: clock correct by two people puts it right', corrected.code === 0 && isRight, corrected);
  let [again, minutes] = [await upload(url, harbour, 'right-2'), 0];
  for (; again.status === 503 && minutes < 60; minutes++) {
    await stage.clock.forward(MINUTE);
    again = await upload(url, harbour, 'right-2');
  }
  hold('A2: uploads work again', again.status === 201, again);
  const wrong = await upload(url, { ...harbour, uploader: left.uploader }, 'right-3');
  hold('A2: the key made in the wrong time does not', wrong.status === 401, wrong);
  const heard = await send(url, harbour.keys.reviewer, 'GET', left.media);
  hold('A2: the session of the wrong time has ended', heard.status >= 400 && heard.status < 500, heard);
  // What is written is sealed within a minute.
  await until('all is sealed', async () => {
    await stage.clock.forward(MINUTE);
    return (await unsealed(stage)) === 0;
  });
  await server.stop();
  for (const { by, findings, notices } of await checkedLogs(stage)) {
    const isNamed = ['clock_corrected', 'wrong_time'].every((code) => notices.includes(code));
    hold(`A2: ${by} has no findings and names what was left (clock_corrected, wrong_time)`, findings === 0 && isNamed, [
      findings,
      notices,
    ]);
  }
}

type Checked = { readonly by: string; readonly findings: number; readonly notices: readonly unknown[] };

/** What both programs say of the tenant's log, with the deployment's beside it. */
async function checkedLogs({ folder, harbour, json }: Stage): Promise<readonly Checked[]> {
  const [own, deployment] = [join(folder, 'own'), join(folder, 'deployment')];
  const keys: string[] = [];
  for (const [log, out] of [
    [harbour.tenant, own],
    ['deployment', deployment],
  ] as const) {
    rmSync(out, { recursive: true, force: true });
    const { keys: known } = await json('log', 'export', log, '--out', out, '--json');
    keys.push(...(known as readonly string[]));
  }
  const options = ['--deployment', deployment, '--json', ...keys.flatMap((key) => ['--key', key])];
  const ours = await runCallvault({}, 'log', 'verify', own, ...options);
  const python = existsSync('/usr/bin/python3')
    ? spawnSync('/usr/bin/python3', [join(TOP, 'docs/verify_log.py'), own, ...options], { encoding: 'utf8' })
    : null;
  const read = (by: string, out: string): Checked => {
    const { logs, findings } = JSON.parse(out) as {
      readonly findings: number;
      readonly logs: readonly { readonly notices: readonly { readonly code: string }[] }[];
    };
    return { by, findings, notices: logs.flatMap(({ notices }) => notices.map(({ code }) => code)) };
  };
  return [read('log verify', ours.out), ...(python === null ? [] : [read('verify_log.py', python.stdout)])];
}

/** A clock that is set back while the process runs, and stays so for the next start. */
export async function playSetBack(stage: Stage, calls: Calls, { hold }: Lines): Promise<void> {
  const { clock, url, harbour, serve } = stage;
  const ahead = clock.now() - Date.now();
  const own = fakeClock(join(stage.folder, 'own-clock'), ahead);
  const server = await serve(own.wallOnly);
  const media = await openMinute(url, harbour, calls.get('kept') ?? '');
  const heard = await send(url, harbour.keys.reviewer, 'GET', media);
  await own.set(ahead - 2 * HOUR);
  const late = await send(url, harbour.keys.reviewer, 'GET', media).catch(() => null);
  const code = await server.ended();
  hold(
    'A2: set back by two hours, the process answers nothing more by it and exits with 1',
    isHeard(heard.status) && (late === null || late.status === 503) && code === 1,
    [heard.status, late, code],
  );
  const again = await serve(own.wallOnly).then(
    async (started) => {
      const reply = await send(url, harbour.keys.reviewer, 'GET', media);
      await started.stop();
      return reply.status;
    },
    (error: Error) => error.message,
  );
  hold(
    'A2: started again by the clock that is behind, it plays nothing',
    again === 503 || (typeof again === 'string' && again.includes('clock')),
    again,
  );
  await clock.forward(2 * MINUTE + SECOND);
  const right = await serve();
  const ended = await send(url, harbour.keys.reviewer, 'GET', media);
  hold(
    'A2: by the right clock, the session of a minute has ended a minute after its end',
    !isHeard(ended.status) && ended.status < 500,
    ended,
  );
  await right.stop();
}

function isHeard(status: number): boolean {
  return status === 200 || status === 206;
}

async function eventsOfAll({ harbour, yunhai, events }: Stage): Promise<readonly unknown[]> {
  return (await Promise.all([harbour.tenant, yunhai.tenant, 'deployment'].map(events))).flat();
}

/** How many events of the tenant's and the deployment's log are sealed nowhere. */
async function unsealed({ metrics }: Stage): Promise<number> {
  return Number(/^callvault_log_events_unsealed (\d+)/m.exec(await metrics())?.[1] ?? 1);
}
