// A vault over a temporary folder, with one tenant and an uploader: the fixture of tests of use cases.
import { setMaxListeners } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { Caller } from '../../src/model/principal.ts';
import type { Deposit } from '../../src/model/recording.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import type { UploadBody } from '../../src/vault/deposit/upload-bytes.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { guardedVault } from './guarded.ts';
import { freshDatabase } from './servers/postgres.ts';
import { serverOf } from './servers/servers.ts';
import { migratedFile } from './sqlite-database.ts';
import { wavHeader } from './wav.ts';

export type TestVault = Composed & {
  readonly folder: string;
  readonly store: string;
  readonly tenant: string;
  readonly uploader: Caller;
  readonly request: RequestContext;
  /** Another vault over the same database, store and keys, as in another process. */
  readonly another: () => Promise<Vault>;
};

export type EngineName = 'sqlite' | 'postgresql';

/** The environment of a deployment under `folder`. */
export function environmentOf(folder: string): Record<string, string> {
  return {
    CALLVAULT_ORIGIN: 'vault.example',
    CALLVAULT_DATABASE: `sqlite:${join(folder, 'vault.db')}`,
    CALLVAULT_STORE: `folder:${join(folder, 'store')}`,
    CALLVAULT_KEYS: `keyring:${join(folder, 'keyring.json')}`,
    CALLVAULT_KEYRING_ROOT: join(folder, 'root', 'root.key'),
  };
}

/** Opens a vault under `top`; `close` also removes the folder. Its ports throw inside an open transaction. */
export async function openTestVault(engine: EngineName = 'sqlite', top = tmpdir()): Promise<TestVault> {
  const folder = mkdtempSync(join(top, 'callvault-test-'));
  const database = engine === 'sqlite' ? {} : { CALLVAULT_DATABASE: await freshDatabase(await serverOf(engine)) };
  const config = readConfig({ ...environmentOf(folder), ...database });
  if (engine === 'sqlite') await migratedFile(join(folder, 'vault.db'));
  const opened: Composed[] = [];
  const open = async (): Promise<Composed> => {
    const composed = await compose(config, fatal);
    const vault = guardedVault(composed.vault);
    const close = async (): Promise<void> => {
      vault.metadataKeys.close();
      vault.tenantKeks.close();
      vault.ingestKeys.close();
      await composed.close();
    };
    const one = { ...composed, vault, close };
    opened.push(one);
    return one;
  };
  const first = await open();
  const { vault } = first;
  const request: RequestContext = { signal: new AbortController().signal };
  // Bulk work adds many listeners to one signal.
  setMaxListeners(0, request.signal);
  const people = { admin: 'Ada', approvers: ['Sue'], approverAgeHours: 0, apiKeyDecisions: true };
  const what = { name: 'Harbour Bank', country: 'GB', defaultBasis: 'consent', consent: 'any', ...people } as const;
  const { tenant, admin } = await createTenant(vault, operatorActor('op-1'), what, request);
  const service = { kind: 'service', roles: ['uploader'] } as const;
  const added = { tenant, ...service, name: 'PBX', owners: [admin] };
  const principal = await addPrincipal(vault, operatorActor('op-1'), added, request);
  const uploader: Caller = { tenant, principal, ...service, scopes: ['ingest'], auth: 'api-key', humans: [] };
  const close = async (): Promise<void> => {
    for (const one of opened) await one.close();
    rmSync(folder, { recursive: true });
  };
  const another = async (): Promise<Vault> => {
    const { vault: other } = await open();
    // As after its start: nothing was restored.
    other.replayGate.open(tenant);
    return other;
  };
  return { ...first, close, another, folder, store: join(folder, 'store'), tenant, uploader, request };
}

function fatal(error: unknown): never {
  throw error;
}

/** A complete body in pieces of 64 KiB. */
export function bodyOf(bytes: Uint8Array): UploadBody {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  };
  return { bytes: pieces(), length: bytes.length, sha256: null, whole: () => true };
}

/** The audio of a call, as `deposit` takes it. */
export function callAudio(callId: string, body: UploadBody | Uint8Array) {
  const target = { metadata: { source: 'pbx', callId, leg: '0' } };
  return { target, name: 'audio', type: 'audio/wav', body: body instanceof Uint8Array ? bodyOf(body) : body };
}

/** A µ-law WAV of two channels with `samples` bytes of sound that differ from byte to byte. */
export function wavOf(samples: number): Buffer {
  const sound = Buffer.alloc(samples);
  for (let i = 0, x = 1; i < samples; i++) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
    sound[i] = x >>> 24;
  }
  return Buffer.concat([wavHeader({ coding: 'mulaw', channels: 2, size: samples }), sound]);
}

/** The files of the vault's folder store by their names, without those of tenants. */
export function storedFiles({ store }: Pick<TestVault, 'store'>): string[] {
  const entries = readdirSync(store, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name !== 'tenant.json').map(({ name }) => name);
}

/** Deposits that are UPLOADING, COMMITTING or ABORTING, whatever their lease. */
export function openDeposits({ vault, request }: Pick<TestVault, 'vault' | 'request'>): Promise<Deposit[]> {
  return vault.db.read((rows) => rows.deposits.stale('9999', 10), request);
}

/** A person of the tenant as a caller, with every scope a listener or approver can have. */
export async function addPerson(test: TestVault, role: 'reviewer' | 'supervisor' | 'privacy'): Promise<Caller> {
  const what = { tenant: test.tenant, kind: 'person', name: role, roles: [role], owners: [] } as const;
  const principal = await addPrincipal(test.vault, operatorActor('op-1'), what, test.request);
  const key = { tenant: test.tenant, principal, days: 30, scopes: null };
  const { id: apiKey } = await createApiKey(test.vault, operatorActor('op-1'), key, test.request);
  const by = { tenant: test.tenant, principal, kind: 'person', roles: [role], auth: 'api-key', apiKey } as const;
  return { ...by, scopes: ['request', 'listen', 'decide'], humans: [principal] };
}
