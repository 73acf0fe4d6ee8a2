// The deletion of an erased recording's blobs: envelopes first, since they carry keys, then ciphertext and the rest.
import { envelopePath, envelopePrefix } from '../../envelope/envelope.ts';
import { objectPrefix } from '../../envelope/object.ts';
import type { Deposit } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { deleteDepositBlobs } from '../deposit/abort.ts';
import { recoverDeposit } from '../deposit/recover-stale.ts';

/**
 * Deletes an erased recording's blobs: every version that its deposits could have written, and everything under its
 * prefixes. Aborts its unfinished deposits. It can be repeated at any time.
 */
export async function deleteRecordingBlobs(
  vault: Omit<Vault, 'sessionKeys'>,
  tenant: Tenant,
  recording: string,
  deposits: readonly Deposit[],
  request: RequestContext,
): Promise<void> {
  const place = locationOf(tenant);
  for (const { id } of deposits) {
    await vault.store.delete(place, envelopePath(tenant.tenant, recording, id), request);
  }
  await deleteUnder(vault, tenant, envelopePrefix(tenant.tenant, recording), request);
  for (const deposit of deposits) {
    // By name, for what a list does not show: older versions below a delete marker, and open uploads.
    if (deposit.state === 'ABORTING') await recoverDeposit(vault, deposit, request);
    else await deleteDepositBlobs(vault, tenant, deposit, request);
  }
  await deleteUnder(vault, tenant, objectPrefix(tenant.tenant, recording), request);
}

async function deleteUnder(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  prefix: string,
  request: RequestContext,
): Promise<void> {
  // Listed first: the list's next page might be wrong after a delete.
  const found: string[] = [];
  for await (const { path } of vault.store.list(locationOf(tenant), prefix, request)) found.push(path);
  for (const path of found) await vault.store.delete(locationOf(tenant), path, request);
}
