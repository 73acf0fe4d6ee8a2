// The drill of volume mode: deposits and listening sessions of a tenant in volume mode, its calls to the key service counted.

import { setMaxListeners } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { Caller } from '../../src/model/principal.ts';
import { ask } from '../../src/vault/access/ask.ts';
import { approve } from '../../src/vault/access/decide.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { inParallel } from '../../src/vault/in-parallel.ts';
import { turnVolumeMode } from '../../src/vault/keys/volume-mode.ts';
import { closeSession } from '../../src/vault/listening/end.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { operatorActor } from '../../src/vault/log/events.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import type { Request } from '../../src/vault/request.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { keyServiceCalls } from './counted.ts';
import { environmentOf } from './environment.ts';
import { askAs } from './runners.ts';

const by = operatorActor('drill');
const AT_ONCE = 8;

export type VolumeOptions = {
  readonly deposits: number;
  readonly sessions: number;
  readonly database?: string | undefined;
  readonly kms?: string | undefined;
};

/** What it took. */
export type VolumeResult = {
  readonly deposits: number;
  readonly sessions: number;
  readonly seconds: number;
  /** Calls to the key service, all in all. */
  readonly calls: number;
};

/** Makes the deposits and hears some of them, as the service does it. `say` hears how far it is. */
export async function drillVolume(options: VolumeOptions, say: (line: string) => void): Promise<VolumeResult> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'callvault-volume-'));
  const env = environmentOf(folder, options);
  askAs(env);
  const composed = await compose(readConfig(env), () => process.exit(70));
  try {
    return await drill(composed, options, say);
  } finally {
    await composed.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function drill(composed: Composed, { deposits, sessions }: VolumeOptions, say: (line: string) => void) {
  const { vault } = composed;
  const request: Request = { signal: new AbortController().signal };
  setMaxListeners(0, request.signal);
  const people = { admin: 'Ann', approvers: ['Sue'], approverAgeHours: 0 };
  const what = { name: 'Drill', country: 'GB', defaultBasis: 'consent', ...people } as const;
  const { tenant, approvers } = await createTenant(vault, by, what, request);
  await turnVolumeMode(vault, by, tenant, true, request);
  const supervisor = callerOf(tenant, approvers[0] ?? '', 'supervisor');
  const person = { tenant, kind: 'person', name: 'Rita', roles: ['reviewer'], owners: [] } as const;
  const reviewer = callerOf(tenant, await addPrincipal(vault, by, person, request), 'reviewer');

  const before = await keyServiceCalls(composed);
  const started = performance.now();
  const recordings: string[] = [];
  await repeat(deposits, async (n) => {
    recordings.push(await put(vault, tenant, n, request));
    if (recordings.length % 10_000 === 0) say(`${recordings.length} deposits`);
  });
  let heard = 0;
  await repeat(sessions, async (n) => {
    await hear(vault, reviewer, supervisor, recordings[n % recordings.length] ?? '', request);
    if (++heard % 10_000 === 0) say(`${heard} sessions`);
  });
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  return { deposits, sessions: heard, seconds, calls: (await keyServiceCalls(composed)) - before };
}

function repeat(many: number, work: (n: number) => Promise<void>): Promise<void> {
  return inParallel([...Array(many).keys()], AT_ONCE, work);
}

function callerOf(tenant: string, principal: string, role: 'reviewer' | 'supervisor'): Caller {
  const scopes = ['request', 'listen', 'decide'] as const;
  return { tenant, principal, kind: 'person', roles: [role], scopes, auth: 'api-key', humans: [principal] };
}

/** Half a second of µ-law silence, and no two alike. */
function wavOf(n: number): Buffer {
  const wav = Buffer.alloc(44 + 4000, 0xff);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + 4000, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(7, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8000, 24);
  wav.writeUInt32LE(8000, 28);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(4000, 40);
  wav.writeUInt32LE(n, 44);
  return wav;
}

async function put(vault: Vault, tenant: string, n: number, request: Request): Promise<string> {
  const by: Caller = {
    ...{ tenant, principal: 'svc_00000000000000000000000000', kind: 'service', auth: 'api-key' },
    ...{ roles: ['uploader'], scopes: ['ingest'], humans: [] },
  };
  const wav = wavOf(n);
  const pieces = async function* () {
    yield wav;
  };
  const body = { bytes: pieces(), length: wav.length, sha256: null, whole: () => true };
  const aim = { metadata: { source: 'drill', callId: `call-${n}`, leg: '0' } };
  const made = await deposit(vault, by, { aim, name: 'audio', type: 'audio/wav', body }, request);
  return made.recording;
}

async function hear(vault: Vault, by: Caller, supervisor: Caller, recording: string, request: Request): Promise<void> {
  const wish = { recording, purpose: 'quality', reason: 'drill', objects: ['audio'], minutes: 5 };
  const { request: asked } = await ask(vault, by, wish, request);
  const { grant } = await approve(vault, supervisor, asked.id, request);
  const { session } = await openSession(vault, by, grant?.id ?? '', request);
  const media = await openAudio(vault, by, session.id, request);
  for await (const _piece of media.read(0, media.size)) request.signal.throwIfAborted();
  await closeSession(vault, by, session.id, request);
}
