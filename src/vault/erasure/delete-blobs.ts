// The store after an erasure: envelopes first, since they carry keys, then ciphertext; then whatever else came there.
import { envelopePath, envelopePrefix } from '../../envelope/envelope.ts';
import { objectPrefix } from '../../envelope/object.ts';
import type { Deposit } from '../../model/recording.ts';
import { placeOf, type Tenant } from '../../model/tenant.ts';
import type { Request } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { sweepStore } from '../deposit/abort.ts';
import { settleDeposit } from '../deposit/recover-stale.ts';

/**
 * Deletes what the store has of an erased recording: every version of what its deposits could have written, and whatever
 * lies under its names. Deposits that are still to be given up are. It can be done again at any time.
 */
export async function sweepRecording(
  vault: Omit<Vault, 'sessionKeys'>,
  tenant: Tenant,
  recording: string,
  deposits: readonly Deposit[],
  request: Request,
): Promise<void> {
  const place = placeOf(tenant);
  for (const { id } of deposits) {
    await vault.store.delete(place, envelopePath(tenant.tenant, recording, id), request);
  }
  await deleteUnder(vault, tenant, envelopePrefix(tenant.tenant, recording), request);
  for (const deposit of deposits) {
    // By name, also what a listing does not show: older versions beneath a marker, uploads under way.
    if (deposit.state === 'ABORTING') await settleDeposit(vault, deposit, request);
    else await sweepStore(vault, tenant, deposit, request);
  }
  await deleteUnder(vault, tenant, objectPrefix(tenant.tenant, recording), request);
}

async function deleteUnder(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  prefix: string,
  request: Request,
): Promise<void> {
  // The list comes first: a store is not asked for its next page while it changes.
  const found: string[] = [];
  for await (const { path } of vault.store.list(placeOf(tenant), prefix, request)) found.push(path);
  for (const path of found) await vault.store.delete(placeOf(tenant), path, request);
}
