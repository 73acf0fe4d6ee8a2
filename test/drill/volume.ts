// Volume-mode drill: deposits and listening sessions of a tenant in volume mode, with its calls to the key service
// counted.

import { setMaxListeners } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Composed, compose, DATABASE_DAMAGED } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { inParallel } from '../../src/vault/core/concurrency.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import { closeSession } from '../../src/vault/core/sessions/end-session.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { setVolumeMode } from '../../src/vault/keys/rotation.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { type DrillTenant, depositCall, makeDrillTenant, openApprovedSession } from './calls.ts';
import { keyServiceCalls } from './counting-ports.ts';
import { environmentOf } from './environment.ts';
import { adoptAwsVariables } from './runners.ts';

const by = operatorActor('drill');
const AT_ONCE = 8;

export type VolumeOptions = {
  readonly deposits: number;
  readonly sessions: number;
  readonly database?: string | undefined;
  readonly kms?: string | undefined;
};

/** Results. */
export type VolumeResult = {
  readonly deposits: number;
  readonly sessions: number;
  readonly seconds: number;
  /** Calls to the key service in total. */
  readonly calls: number;
};

/** Makes the deposits and plays some of them, as the service does. `say` is called with progress. */
export async function drillVolume(options: VolumeOptions, say: (line: string) => void): Promise<VolumeResult> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'callvault-volume-'));
  const env = environmentOf(folder, options);
  adoptAwsVariables(env);
  const composed = await compose(readConfig(env), () => process.exit(DATABASE_DAMAGED));
  try {
    return await drill(composed, options, say);
  } finally {
    await composed.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function drill(composed: Composed, { deposits, sessions }: VolumeOptions, say: (line: string) => void) {
  const { vault } = composed;
  const request: RequestContext = { signal: new AbortController().signal };
  setMaxListeners(0, request.signal);
  const listeners = await makeDrillTenant(vault, request);
  const { tenant } = listeners;
  await setVolumeMode(vault, by, tenant, true, request);

  const before = await keyServiceCalls(composed);
  const started = performance.now();
  const recordings: string[] = [];
  await repeat(deposits, async (n) => {
    recordings.push(await depositCall(vault, tenant, n, request));
    if (recordings.length % 10_000 === 0) say(`${recordings.length} deposits`);
  });
  let heard = 0;
  await repeat(sessions, async (n) => {
    await listenOnce(vault, listeners, recordings[n % recordings.length] ?? '', request);
    if (++heard % 10_000 === 0) say(`${heard} sessions`);
  });
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  return { deposits, sessions: heard, seconds, calls: (await keyServiceCalls(composed)) - before };
}

function repeat(many: number, work: (n: number) => Promise<void>): Promise<void> {
  return inParallel([...Array(many).keys()], AT_ONCE, work);
}

async function listenOnce(
  vault: Vault,
  listeners: DrillTenant,
  recording: string,
  request: RequestContext,
): Promise<void> {
  const session = await openApprovedSession(vault, listeners, recording, request);
  const media = await openAudio(vault, listeners.reviewer, session, request);
  for await (const _piece of media.read(0, media.size)) request.signal.throwIfAborted();
  await closeSession(vault, listeners.reviewer, session, request);
}
