// Bringing the rows of a tenant up to the store: tombstones, later changes, and what its tenant.json says of its key.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { replayTenantTombstones } from '../erasure/replay-tombstones.ts';
import { requireTrustedId } from '../offline/trusted-keys.ts';
import { restoreIngestKeys } from '../rebuild/ingest-keys.ts';
import { faultMessage, type ReplayParts, replayWithFaults } from '../replay/replay-entries.ts';
import { checkTenantBlob } from '../verify/check-tenant.ts';
import { sinceBackup } from './newest-blob.ts';
import type { Steps } from './steps.ts';

type Deps = ReplayParts & Pick<Vault, 'sessionKeys'>;

/** What came back to a tenant. `newest`: its newest blob since the backup; null for none. */
export type BroughtUp = {
  readonly erased: number;
  readonly entries: number;
  readonly ingestKeys: number;
  readonly withoutRows: number;
  readonly newest: string | null;
};

/**
 * Brings a tenant up to the store, under keys that the operator trusts. What fails is a problem of its step, and the others
 * go on; under a key that is not trusted none is tried. Throws the signal's reason.
 */
export async function bringUp(
  vault: Deps,
  tenant: Tenant,
  { by, keys, backup }: { readonly by: Actor; readonly keys: readonly string[]; readonly backup: string },
  steps: Steps,
  request: RequestContext,
): Promise<BroughtUp> {
  const { tenant: id } = tenant;
  const none = { erased: 0, entries: 0, ingestKeys: 0, withoutRows: 0, newest: null };
  const trusted = await steps.run('keys', id, async () => {
    requireTrustedId(tenant.key?.id ?? '', keys);
    const finding = await checkTenantBlob(vault, tenant, request);
    // One that rewrapping has not come to yet is no sign of a restore.
    if (finding !== null && finding.kind !== 'tenant_blob_behind')
      throw new VaultError('integrity', `tenant.json and the tenant’s row differ: ${finding.kind}`);
  });
  if (trusted === 'key_refused') return none;
  const done: { -readonly [Name in keyof BroughtUp]: BroughtUp[Name] } = { ...none };
  await steps.run('keys', id, async () => {
    const refused = (path: string): void =>
      steps.problem('keys', id, new VaultError('integrity', `this ingest key is not accepted: ${path}`));
    const accepted = { by, trusted: { keys, minimumWrap: tenant.minimumWrap }, refused };
    done.ingestKeys = await restoreIngestKeys(vault, tenant, accepted, request);
  });
  await steps.run('tombstones', id, async () => {
    done.erased = await replayTenantTombstones(vault, tenant, request);
  });
  await steps.run('entries', id, async () => {
    const { applied, faults } = await replayWithFaults(vault, tenant, request);
    done.entries = applied;
    for (const fault of faults) steps.problem('entries', id, new VaultError('integrity', faultMessage(fault)));
  });
  await steps.run('blobs', id, async () => {
    const { newest, withoutRows } = await sinceBackup(vault, tenant, backup, request);
    [done.newest, done.withoutRows] = [newest, withoutRows];
  });
  return done;
}
