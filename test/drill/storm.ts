// Storm drill: a tenant is re-wrapped at full speed through a key service with a much lower quota, while people listen
// who need the same quota. Measures the effect on them.
import { setMaxListeners } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { programOf } from '../../scripts/program.ts';
import { compose, DATABASE_DAMAGED } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { backlogOf, readCensus } from '../../src/vault/keys/census.ts';
import { raiseGeneration } from '../../src/vault/keys/rotation.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { seedDeposits } from '../support/seed-deposits.ts';
import { type DrillTenant, depositCall, makeDrillTenant, openApprovedSession } from './calls.ts';
import { environmentOf } from './environment.ts';
import { type RemoteProxy, startRemoteProxies } from './remote-proxies.ts';
import { adoptAwsVariables, superviseRunners } from './runners.ts';

export type StormOptions = {
  /** Endpoint of KMS. */
  readonly kms: string;
  readonly database?: string | undefined;
  readonly deposits: number;
  /** Calls per second that the key service answers, for all callers together. */
  readonly quota: number;
  /** Calls per second that the re-wrap may make: more than the quota. */
  readonly rate: number;
  /** Sessions that are played before the re-wrap, and at most during it. */
  readonly sessions: number;
  /** Programs of the drill, if they are not its own. */
  readonly runner?: string | undefined;
  readonly proxies?: string | undefined;
};

/** First range of each session: how many, their median in milliseconds, and their calls to the key service. */
type PlaybackTimes = {
  readonly sessions: number;
  readonly median: number;
  readonly calls: number;
  readonly throttled: number;
};

/** Result of a re-wrap with concurrent listeners, and the effect on them. */
type PhaseResult = {
  readonly complete: boolean;
  readonly seconds: number;
  readonly rewrap: { readonly calls: number; readonly throttled: number };
  readonly heard: PlaybackTimes;
};

export type StormResult = {
  /** Without a re-wrap. */
  readonly alone: PlaybackTimes;
  /** With a re-wrap within the quota: its effect on the shared machine and database. */
  readonly calm: PhaseResult;
  /** With a re-wrap at full speed. */
  readonly storm: PhaseResult;
};

const by = operatorActor('drill');
/** Interval between sessions. */
const SESSION_INTERVAL_MS = 100;

/** Runs the drill in a temporary folder. */
export async function drillStorm(options: StormOptions, say: (line: string) => void): Promise<StormResult> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'callvault-storm-'));
  const { proxies: doors, close } = await startRemoteProxies(
    options.kms,
    options.quota,
    2,
    options.proxies === undefined ? undefined : programOf(options.proxies),
  );
  const [playback, rewrap] = doors;
  if (playback === undefined || rewrap === undefined) throw new Error('the doors did not open');
  // The deposits are not measured: they bypass the proxies.
  const envOf = (kms: string) => environmentOf(folder, { database: options.database, kms });
  adoptAwsVariables(envOf(options.kms));
  const maker = await compose(readConfig(envOf(options.kms)), () => process.exit(DATABASE_DAMAGED));
  const service = await compose(readConfig(envOf(playback.url)), () => process.exit(DATABASE_DAMAGED));
  try {
    const request: RequestContext = { signal: new AbortController().signal };
    setMaxListeners(0, request.signal);
    const listeners = await makeDrillTenant(maker.vault, request);
    await seedDeposits(maker.vault, listeners.tenant, options.deposits, request);
    const sessions = await openMany(maker.vault, listeners, options.sessions * 3, request);
    say(`${options.deposits} deposits made, ${sessions.length} sessions open`);
    return await storm(
      service.vault,
      envOf(rewrap.url),
      { options, listeners, sessions, playback, rewrap },
      request,
      say,
    );
  } finally {
    await service.close();
    await maker.close();
    await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openMany(
  vault: Vault,
  listeners: DrillTenant,
  many: number,
  request: RequestContext,
): Promise<string[]> {
  const sessions: string[] = [];
  for (let n = 0; n < many; n++) {
    sessions.push(
      await openApprovedSession(vault, listeners, await depositCall(vault, listeners.tenant, n, request), request),
    );
  }
  return sessions;
}

type StormParts = {
  readonly options: StormOptions;
  readonly listeners: DrillTenant;
  readonly sessions: readonly string[];
  readonly playback: RemoteProxy;
  readonly rewrap: RemoteProxy;
};

async function storm(
  vault: Vault,
  env: Record<string, string>,
  { options, listeners, sessions, playback, rewrap }: StormParts,
  request: RequestContext,
  say: (line: string) => void,
): Promise<StormResult> {
  // The first session also unwraps the tenant's metadata key, once in a quarter of an hour.
  const [first = '', ...others] = sessions;
  await timeFirstRange(vault, listeners, first, request);
  const some = (): string[] => others.splice(0, options.sessions);
  const alone = await timeSessions(vault, listeners, others.splice(0, options.sessions - 1), playback, request);

  const beside = async (rate: number): Promise<PhaseResult> => {
    await raiseGeneration(vault, by, listeners.tenant, request);
    await rewrap.forget();
    let over = false;
    const started = performance.now();
    const ran = superviseRunners(env, listeners.tenant, { ...options, rate, kills: 0 }, say).finally(() => {
      over = true;
    });
    const [heard] = await Promise.all([
      // Waits for the runners, which take seconds to start.
      untilFirstCall(rewrap, () => over).then(() =>
        timeSessions(vault, listeners, some(), playback, request, () => over),
      ),
      ran,
    ]);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    const left = backlogOf(await readCensus(vault, listeners.tenant, request));
    const complete = left.dataKeys + left.underway + left.envelopes === 0 && !left.metadataKey && !left.tenantBlob;
    return { complete, seconds, rewrap: await rewrap.counts(), heard };
  };
  const calm = await beside(options.quota / 4);
  return { alone, calm, storm: await beside(options.rate) };
}

async function untilFirstCall({ counts }: RemoteProxy, over: () => boolean): Promise<void> {
  while (!over() && (await counts()).calls === 0) await sleep(20);
}

/** Plays one session after the other at a fixed interval, until none is left or the phase ends. */
async function timeSessions(
  vault: Vault,
  listeners: DrillTenant,
  sessions: readonly string[],
  { counts, forget }: RemoteProxy,
  request: RequestContext,
  over = () => false,
): Promise<PlaybackTimes> {
  await forget();
  const under: Promise<number>[] = [];
  for (const session of sessions) {
    if (over()) break;
    under.push(timeFirstRange(vault, listeners, session, request));
    await sleep(SESSION_INTERVAL_MS);
  }
  const times = (await Promise.all(under)).sort((a, b) => a - b);
  const median = Math.round((times[Math.floor(times.length / 2)] ?? Number.NaN) * 10) / 10;
  return { sessions: times.length, median, ...(await counts()) };
}

/** Milliseconds until a session's first range arrives, which needs one call to the key service. */
async function timeFirstRange(
  vault: Vault,
  { reviewer }: DrillTenant,
  session: string,
  request: RequestContext,
): Promise<number> {
  const begun = performance.now();
  const media = await openAudio(vault, reviewer, session, request);
  for await (const _piece of media.read(0, Math.min(1_000, media.size))) request.signal.throwIfAborted();
  return performance.now() - begun;
}
