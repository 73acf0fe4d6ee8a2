// Rewriting an envelope under its row's key: only the member `key` changes.

import { newOperationNonce } from '../../../bytes/ids.ts';
import { type Envelope, envelopePath, parseEnvelope, replaceKeyMember } from '../../../envelope/envelope.ts';
import { locationOf, type Tenant } from '../../../model/tenant.ts';
import type { DepositKey } from '../../../ports/rows/wrapped-key-rows.ts';
import { readBlob } from '../../core/objects/read-blob.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import { isSameKey, wrappedKeyOf } from '../../core/wrapped-keys/wrapped-keys.ts';

/**
 * The outcome of rewriting an envelope: `written`; already `current`; `missing`; `damaged` (not an envelope of this
 * deposit); `contended` (concurrent updates replaced it each time, or it has a later generation than the row).
 */
export type EnvelopeOutcome = 'written' | 'current' | 'missing' | 'damaged' | 'contended';

const TRIES = 3;

/**
 * Writes the row's key into the deposit's envelope, unless a concurrent update replaced the envelope. The caller reads
 * the row again afterwards and deletes an envelope that was written during an erasure. Throws the store's errors.
 */
export async function rewriteEnvelope(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  row: DepositKey,
  request: RequestContext,
): Promise<EnvelopeOutcome> {
  const place = locationOf(tenant);
  const path = envelopePath(row.tenant, row.recording, row.deposit);
  const key = wrappedKeyOf(row);
  for (let tried = 0; tried < TRIES; tried++) {
    const found = await readEnvelope(vault, tenant, row, request);
    if (found === 'missing' || found === 'damaged') return found;
    const carried = found.envelope.key;
    // Another runner has changed the row since, which the next round sees; or the envelope names a generation that
    // never existed.
    if (carried.wrap > row.wrap) return 'contended';
    if (isSameKey(carried, key)) return 'current';
    const bytes = replaceKeyMember(found.bytes, key);
    if (await vault.store.replace(place, path, bytes, found.tag, newOperationNonce(), request)) return 'written';
  }
  return 'contended';
}

/** The deposit's envelope in the store: its bytes, its version tag and its content. */
export async function readEnvelope(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  row: Pick<DepositKey, 'tenant' | 'recording' | 'deposit'>,
  request: RequestContext,
): Promise<'missing' | 'damaged' | { readonly bytes: Buffer; readonly tag: string; readonly envelope: Envelope }> {
  const path = envelopePath(row.tenant, row.recording, row.deposit);
  const found = await readBlob(vault, locationOf(tenant), path, parseEnvelope, request);
  if (typeof found === 'string') return found;
  const { bytes, tag, content: envelope } = found;
  const same =
    envelope.tenant === row.tenant && envelope.recording === row.recording && envelope.deposit === row.deposit;
  return same ? { bytes, tag, envelope } : 'damaged';
}
