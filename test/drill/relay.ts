// Relay drill: a PBX writes calls while relay, vault, network and key service are killed or cut at random moments. In the
// end the vault has each call once, identical, and no plaintext was left for long.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { forkDouble } from '../support/double/double.ts';
import { api } from '../support/fault-client.ts';
import {
  composeDeployment,
  createStaffedTenant,
  minuteSignal,
  newDeployment,
  type Server,
  startServer,
} from '../support/fault-deployment.ts';
import type { Random } from '../support/fault-random.ts';
import { type FaultProxy, startProxy } from '../support/proxy/proxy.ts';
import { newRelay, type RelayFixture, type RunningRelay } from '../support/relay.ts';
import { freePort } from '../support/servers/process.ts';
import { until } from '../support/until.ts';
import { wavHeader } from '../support/wav.ts';
import { environmentOf } from './environment.ts';
import { adoptAwsVariables } from './runners.ts';

export type RelayDrillOptions = {
  readonly calls: number;
  readonly perSecond: number;
  readonly random: Random;
  /** An empty PostgreSQL database; SQLite without it. */
  readonly database?: string | undefined;
};

export type RelayDrillResult = {
  readonly problems: readonly string[];
  /** How often each was killed or cut. */
  readonly faults: Readonly<Record<string, number>>;
  /** The longest time in seconds from a sidecar to the end of its plaintext. */
  readonly longestPlaintext: number;
  readonly recordings: number;
  readonly seconds: number;
};

type Call = { readonly id: string; readonly digest: string; readonly from: string; at: number };

/** Everything that can fail. */
type Place = {
  readonly relay: RelayFixture;
  readonly network: FaultProxy;
  readonly keys: FaultProxy;
  readonly startVault: () => Promise<void>;
  readonly killVault: () => Promise<void>;
  running: RunningRelay;
};

const MAX_PLAINTEXT_SECONDS = 30;

/** Plays the drill in temporary folders. */
export async function drillRelay(options: RelayDrillOptions, say: (line: string) => void): Promise<RelayDrillResult> {
  const began = performance.now();
  const double = await forkDouble();
  const keys = await startProxy(double.url);
  const port = await freePort();
  const network = await startProxy(`http://127.0.0.1:${port}`);
  const {
    CALLVAULT_DATABASE: _database,
    CALLVAULT_STORE: _store,
    CALLVAULT_SIGNER: _signer,
    ...kms
  } = environmentOf('', {
    kms: keys.url,
  });
  const deployment = await newDeployment({
    ...kms,
    ...(options.database === undefined ? {} : { CALLVAULT_DATABASE: options.database }),
    CALLVAULT_LISTEN: `127.0.0.1:${port}`,
  });
  let server: Server | null = null;
  let relay: RelayFixture | null = null;
  try {
    adoptAwsVariables(deployment.env);
    const { vault, close } = await composeDeployment(deployment);
    const people = await createStaffedTenant(vault, 'Harbour Bank');
    await maintainIngestKeys(vault, minuteSignal());
    await close();
    relay = newRelay({ url: network.url, tenant: people.tenant, secret: people.depositor });
    relay.configure({ settled_seconds: 10 });
    const place: Place = {
      ...{ relay, network, keys },
      startVault: async () => {
        server = await startServer(deployment);
      },
      killVault: async () => {
        await server?.kill();
      },
      running: relay.start(),
    };
    await place.startVault();
    await until('the relay has a key', () => place.running.log().includes('ingest key accepted'));
    const calls: Call[] = [];
    const ended = new AbortController();
    const age = watchPlaintext(relay, calls, ended.signal);
    const playing = playFaults(place, options.random, ended.signal, say);
    for (let n = 0; n < options.calls; n++) {
      calls.push(writeCall(relay, n, options.random));
      await sleep(1000 / options.perSecond);
      if (n % 50 === 49) say(`${n + 1} calls written, ${relay.sealed().length} sealed files wait`);
    }
    ended.abort();
    const faults = await playing;
    await until('everything is uploaded', () => relay?.plaintext().length === 0 && relay.sealed().length === 0, {
      seen: () => [relay?.plaintext().length, relay?.sealed().length, place.running.log().slice(-1_000)],
    });
    const longestPlaintext = await age();
    const url = `http://127.0.0.1:${port}`;
    const problems = [
      ...(await compare(url, people, calls)),
      ...(relay.rejected().length > 0 ? [`${relay.rejected().length} calls were rejected`] : []),
      ...(longestPlaintext > MAX_PLAINTEXT_SECONDS ? [`plaintext for ${longestPlaintext} s`] : []),
    ];
    const recordings = (await listCalls(url, people.reviewer)).length;
    return { problems, faults, longestPlaintext, recordings, seconds: Math.round((performance.now() - began) / 1000) };
  } finally {
    await relay?.remove();
    await (server as Server | null)?.kill();
    for (const proxy of [network, keys]) await proxy.close();
    await double.close();
    await deployment.remove();
  }
}

/** Writes a call of up to 200 kB as a PBX does: the audio, and then its sidecar. */
function writeCall(relay: RelayFixture, n: number, random: Random): Call {
  const sound = random.bytes(2_000 + random.int(200_000));
  const audio = Buffer.concat([wavHeader({ coding: 'mulaw', channels: 2, size: sound.length }), sound]);
  const id = `drill-${n}`;
  const from = `+4420794${String(n).padStart(5, '0')}`;
  relay.record(`${id}.wav`, audio, { call_id: id, from, started_at: '2026-11-29T10:00:00Z' });
  return { id, from, digest: createHash('sha256').update(audio).digest('hex'), at: performance.now() };
}

/** Watches how long each call's plaintext exists after its sidecar. Returns the longest time in seconds, at the end. */
function watchPlaintext(relay: RelayFixture, calls: readonly Call[], signal: AbortSignal): () => Promise<number> {
  let longest = 0;
  const look = (): number => {
    const present = new Set(relay.plaintext().map((name) => /drill-\d+/.exec(name)?.[0]));
    const now = performance.now();
    for (const { id, at } of calls) if (present.has(id)) longest = Math.max(longest, now - at);
    return present.size;
  };
  const watching = (async () => {
    while (look() > 0 || !signal.aborted) await sleep(250);
  })();
  return async () => {
    await watching;
    return Math.round(longest / 100) / 10;
  };
}

/** Kills and cuts until the signal fires; then everything runs again. Returns how often. */
async function playFaults(
  place: Place,
  random: Random,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const repeat = async (name: string, least: number, most: number, act: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      await sleep(1000 * (least + random.int(most - least)), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      counts[name] = (counts[name] ?? 0) + 1;
      await act();
    }
  };
  const pause = (most: number): Promise<unknown> => sleep(500 + random.int(most));
  await Promise.all([
    // Calls are ready after ten seconds: a relay that lives for less never seals.
    repeat('relay killed', 16, 30, async () => {
      await place.running.kill();
      place.running = place.relay.start();
    }),
    repeat('vault killed', 8, 25, async () => {
      await place.killVault();
      await pause(4_000);
      await place.startVault();
    }),
    repeat('network cut', 4, 15, async () => {
      const modes = [
        { kind: 'refuse' },
        { kind: 'black-hole' },
        { kind: 'cut', direction: 'up', bytes: random.int(100_000), times: null },
        { kind: 'lose-reply', matching: 'PUT /v1/sealed-files', times: null },
      ] as const;
      await place.network.set(modes[random.int(modes.length)] ?? modes[0]);
      await pause(4_000);
      await place.network.set({ kind: 'pass' });
    }),
    repeat('key service cut', 8, 25, async () => {
      await place.keys.set({ kind: 'refuse' });
      await pause(6_000);
      await place.keys.set({ kind: 'pass' });
    }),
  ]);
  say('faults ended');
  return counts;
}

type Page = { readonly data: readonly { readonly call_id: string }[]; readonly next_cursor: string | null };

/** Call ids of all recordings. */
async function listCalls(url: string, reviewer: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page: Page = await api(
      `${url}/v1/recordings?limit=100${next === '' ? '' : `&cursor=${next}`}`,
      reviewer,
      'GET',
    );
    ids.push(...page.data.map(({ call_id: id }) => id));
    next = page.next_cursor;
  }
  return ids;
}

type Leg = { readonly objects: readonly { readonly name: string; readonly sha256: string }[] };

/** What is wrong: each call must be there once, with the bytes that the PBX wrote. */
async function compare(
  url: string,
  people: { readonly reviewer: string; readonly depositor: string },
  calls: readonly Call[],
): Promise<string[]> {
  const ids = await listCalls(url, people.reviewer);
  const problems = ids.length === calls.length ? [] : [`${ids.length} recordings of ${calls.length} calls`];
  for (const { id, digest } of calls) {
    const { data } = await api<{ readonly data: readonly Leg[] }>(
      `${url}/v1/ingest/pbx-1/${id}`,
      people.depositor,
      'GET',
    );
    const stored = data.flatMap(({ objects }) => objects.filter(({ name }) => name === 'audio'));
    if (stored.length !== 1 || stored[0]?.sha256 !== digest) problems.push(`${id} has other bytes`);
    if (ids.filter((one) => one === id).length !== 1) problems.push(`${id} is not listed once`);
  }
  return problems;
}
