// A vault over a folder of its own, with one tenant and an uploader: what tests of verbs begin with.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { Caller } from '../../src/model/principal.ts';
import type { Body } from '../../src/vault/deposit/body.ts';
import { operatorActor } from '../../src/vault/log/events.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import type { Request } from '../../src/vault/request.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';

export type TestVault = Composed & {
  readonly folder: string;
  readonly store: string;
  readonly tenant: string;
  readonly uploader: Caller;
  readonly request: Request;
};

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

/** Opens it; `close` also removes the folder. */
export async function openTestVault(): Promise<TestVault> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-test-'));
  const composed = await compose(readConfig(environmentOf(folder)), (error) => {
    throw error;
  });
  const request: Request = { signal: new AbortController().signal };
  const people = { admin: 'Ada', approvers: ['Sue'], approverAgeHours: 0 };
  const what = { name: 'Harbour Bank', country: 'GB', defaultBasis: 'consent', ...people } as const;
  const { tenant } = await createTenant(composed.vault, operatorActor('op-1'), what, request);
  const by = { principal: 'svc_00000000000000000000000000', kind: 'service', roles: ['uploader'] } as const;
  const uploader: Caller = { tenant, ...by, scopes: ['ingest'], auth: 'api-key', humans: [] };
  const close = async (): Promise<void> => {
    await composed.close();
    rmSync(folder, { recursive: true });
  };
  return { ...composed, close, folder, store: join(folder, 'store'), tenant, uploader, request };
}

/** A body that comes whole, in pieces of 64 KiB. */
export function bodyOf(bytes: Uint8Array): Body {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  };
  return { bytes: pieces(), length: bytes.length, sha256: null, whole: () => true };
}

/** A µ-law WAV of two channels with `samples` bytes of sound that differ from byte to byte. */
export function wavOf(samples: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(7, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples, 40);
  const sound = Buffer.alloc(samples);
  for (let i = 0, x = 1; i < samples; i++) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
    sound[i] = x >>> 24;
  }
  return Buffer.concat([header, sound]);
}

/** A person of the tenant as a caller, with every scope a listener or approver can have. */
export async function addPerson(test: TestVault, role: 'reviewer' | 'supervisor'): Promise<Caller> {
  const what = { tenant: test.tenant, kind: 'person', name: role, roles: [role], owners: [] } as const;
  const principal = await addPrincipal(test.vault, operatorActor('op-1'), what, test.request);
  const by = { tenant: test.tenant, principal, kind: 'person', roles: [role], auth: 'api-key' } as const;
  return { ...by, scopes: ['request', 'listen', 'decide'], humans: [principal] };
}
