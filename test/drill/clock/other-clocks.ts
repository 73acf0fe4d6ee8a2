// Several clocks: two processes that differ, a store whose replies say another time, and a gap that two people confirm.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doublePlace, REGION } from '../../support/double/adapters.ts';
import { asCaller } from '../../support/double/deployment.ts';
import { forkDouble } from '../../support/double/double.ts';
import { fakeClock } from '../../support/fake-clock.ts';
import { freePort } from '../../support/servers/process.ts';
import { until } from '../../support/until.ts';
import type { Lines } from './lines.ts';
import { byTwo, makeStage, type Operators, type Reply, type Stage, upload } from './people.ts';
import type { ReplayEngine } from './place.ts';

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** Two processes over the same database: four seconds apart, and two minutes. */
export async function playSeveral(stage: Stage, { hold }: Lines): Promise<void> {
  const { clock, url, harbour, yunhai, folder, engine } = stage;
  const [port, metricsPort] = [await freePort(), await freePort()];
  const listen = { CALLVAULT_LISTEN: `127.0.0.1:${port}`, CALLVAULT_METRICS_LISTEN: `127.0.0.1:${metricsPort}` };
  const ahead = () => clock.now() - Date.now();
  const own = fakeClock(join(folder, 'second-clock'), ahead() + 4 * SECOND);
  const first = await stage.serve();
  const second = await stage.serve({ ...own.wallOnly, ...listen });
  const sent: Reply[] = [];
  for (let n = 0; n < 6; n++)
    for (const [at, base] of [url, second.url].entries())
      sent.push(await upload(base, n % 2 === 0 ? harbour : yunhai, `apart-${n}-${at}`));
  hold(
    'T4: two processes whose clocks are four seconds apart both serve',
    sent.every(({ status }) => status === 201),
    sent,
  );
  if (engine === 'postgresql') {
    await own.set(ahead() + 2 * MINUTE);
    const [wrong, right] = [await upload(second.url, harbour, 'far-1'), await upload(url, harbour, 'far-2')];
    hold(
      'T4: of two that are two minutes apart, PostgreSQL rejects the one that is ahead, and the other serves',
      wrong.status === 503 && wrong.code === 'clock_differs' && right.status === 201,
      [wrong, right],
    );
  }
  await own.set(ahead() - 2 * MINUTE);
  await upload(second.url, harbour, 'behind-1').catch(() => null);
  const code = await second.ended();
  const right = await upload(url, harbour, 'behind-2');
  hold('T4: the one that is set back ends with 1, and the other serves', code === 1 && right.status === 201, [
    code,
    right,
  ]);
  await first.stop();
}

/** Ninety hours without a trusted process: expiry waits for two people, and goes on after them. */
export async function playConfirmed(stage: Stage, operators: Operators, { hold }: Lines): Promise<void> {
  const { clock, url, harbour, metrics, states } = stage;
  const earlier = await stage.serve();
  const due = String((await upload(url, harbour, 'older', '2019-02-15T10:00:00Z')).body['recording']);
  await earlier.stop();
  await clock.set(clock.now() - Date.now() + 90 * HOUR);
  const server = await stage.serve();
  await clock.forward(15 * MINUTE);
  const stateOf = async () => (await states(harbour.tenant)).get(due);
  const waits = async () => /^callvault_clock_trusted_in_seconds (\S+)/m.exec(await metrics())?.[1];
  await until('it says how its clock is trusted', async () => {
    await clock.forward(MINUTE);
    return (await waits()) === '+Inf';
  });
  hold('T2: after ninety hours without a trusted process, what is due stays', (await stateOf()) === 'AVAILABLE');
  const confirmed = await byTwo(stage, operators, ['clock', 'confirm']);
  hold(
    'T2: clock confirm by two people names the gap',
    confirmed.code === 0 && /✓ .* is right, \d+ (days|hours).* after the last trusted process/.test(confirmed.out),
    confirmed,
  );
  await server.stop();
  const again = await stage.serve();
  await clock.forward(11 * MINUTE);
  await until('what is due expires', async () => {
    await clock.forward(MINUTE);
    return (await stateOf()) !== 'AVAILABLE';
  });
  hold('T2: ten minutes after the next start, what is due expires', true);
  await again.stop();
}

/** A store whose replies say another time: at a start, and while the process runs. */
export async function playWitness(engine: ReplayEngine, { hold }: Lines): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-store-clock-'));
  const its = fakeClock(join(folder, 'clock'), 0);
  const double = await forkDouble(its.wallOnly);
  let stage: Stage | null = null;
  try {
    const { bucket, prefix } = await doublePlace(double, 'versioned', 'vaults/one');
    const more = { AWS_REGION: REGION, CALLVAULT_S3_ENDPOINT: double.url, ...asCaller('CALLVAULT') };
    stage = await makeStage(engine, 0, ['--store', `s3://${bucket}/${prefix}`], more);
    const { clock, url, harbour, serve } = stage;
    const ready = async () => (await fetch(`${url}/readyz`, { headers: { connection: 'close' } })).status;
    await its.set(5 * MINUTE);
    const wrong = await serve().catch((error: Error) => error.message);
    const rejected = typeof wrong === 'string' ? wrong : [await upload(url, harbour, 'store-1'), await ready()];
    hold(
      'T1: a process that starts beside a store whose time is five minutes ahead does not serve',
      typeof rejected === 'string' ? rejected.includes('clock') : isDiffering(rejected[0]) && rejected[1] === 503,
      rejected,
    );
    if (typeof wrong !== 'string') await wrong.stop();
    await its.set(0);
    const server = await serve();
    const right = await upload(url, harbour, 'store-2');
    hold('T1: it serves beside a store whose time is right', right.status === 201, right);
    await its.set(-5 * MINUTE);
    const seen: Reply[] = [];
    for (let n = 0; n < 90 && !isDiffering(seen.at(-1)); n++) {
      seen.push(await upload(url, harbour, `store-3-${n}`));
      await clock.forward(2 * SECOND);
      await its.set(clock.now() - Date.now() - 5 * MINUTE);
    }
    hold(
      'T1: a running process whose store says another time for a minute is not ready',
      isDiffering(seen.at(-1)) && (await ready()) === 503,
      [seen.map(({ status }) => status), seen.at(-1)],
    );
    await its.set(clock.now() - Date.now());
    let back = await upload(url, harbour, 'store-4');
    for (let n = 0; n < 90 && back.status !== 201; n++) {
      await clock.forward(2 * SECOND);
      back = await upload(url, harbour, 'store-4');
    }
    hold('T1: it serves again once the store’s time is right', back.status === 201, back);
    await server.stop();
  } finally {
    await stage?.end();
    await double.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function isDiffering(reply: unknown): boolean {
  const { status, code } = (reply ?? {}) as Partial<Reply>;
  return status === 503 && code === 'clock_differs';
}
