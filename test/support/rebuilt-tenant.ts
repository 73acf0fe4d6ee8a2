// A tenant's rows rebuilt from its bucket, as the command does it.
import { VaultError } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { rebuildIndex } from '../../src/vault/rebuild/rebuild.ts';
import { rebuildTenant } from '../../src/vault/rebuild/tenant.ts';
import type { StaffedTenant } from './fault-deployment.ts';
import { callAudio, wavOf } from './vault.ts';

const described = { name: 'Harbour Bank', country: 'GB', defaultBasis: 'consent', approverAgeHours: 24 } as const;
const request = () => ({ signal: AbortSignal.timeout(600_000) });

/** Rebuilds; returns the counts, and each problem as its kind and path. */
export async function rebuiltTenant(vault: Vault, tenant: string, key: string) {
  const by = operatorActor('op-9');
  const trusted = { keys: [key], minimumWrap: 1 };
  const what = { tenant, place: vault.settings.location, described };
  const { row } = await rebuildTenant(vault, by, what, trusted, request());
  const problems: string[] = [];
  const listener = {
    total: () => undefined,
    step: () => undefined,
    problem: ({ kind, path }: { readonly kind: string; readonly path: string }) =>
      void problems.push(`${kind} ${path}`),
  };
  const done = await rebuildIndex(vault, by, row, trusted, listener, request());
  return { ...done, problems };
}

/** Deposits a call by the tenant's service. */
export function depositCall(vault: Vault, of: Pick<StaffedTenant, 'tenant' | 'service'>, callId: string) {
  const by = { tenant: of.tenant, principal: of.service, kind: 'service', roles: ['uploader'] } as const;
  const caller = { ...by, scopes: ['ingest'], auth: 'api-key', humans: [] } as const;
  return deposit(vault, caller, callAudio(callId, wavOf(1000)), request());
}

/** `done`, or the code of the error. */
export function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof VaultError ? error.code : String(error)),
  );
}
