// The peaks of an audio: a second object of its deposit, sealed under a second object key of the same data key.
import type { EnvelopeObject } from '../../envelope/envelope.ts';
import { type ObjectIdentity, objectPath } from '../../envelope/object.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { PEAKS, PEAKS_TYPE } from '../../model/peaks.ts';
import type { Deposit } from '../../model/recording.ts';
import { locationOf } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { ClaimedDeposit } from './deposit-types.ts';
import { type SealedInMemory, sealInMemory } from './sealed-object.ts';

/** All paths that objects of a deposit can have: its object's, and for audio its peaks'. */
export function objectPathsOf({ tenant, recording, id: deposit, object }: Deposit): readonly string[] {
  const names = object === 'audio' ? [object, PEAKS] : [object];
  return names.map((name) => objectPath({ tenant, recording, deposit, name }));
}

/** The nonce of the write that stores the peaks of a deposit. */
export function peaksOperation({ op }: Deposit): string {
  return `${op}-peaks`;
}

/** Seals the peaks and stores them. Returns their entry for the envelope. Throws the store's errors. */
export async function storePeaks(
  vault: Pick<Vault, 'store'>,
  { tenant, row, key }: Pick<ClaimedDeposit, 'tenant' | 'row' | 'key'>,
  peaks: Uint8Array,
  request: RequestContext,
): Promise<EnvelopeObject> {
  const identity = { tenant: row.tenant, recording: row.recording, deposit: row.id };
  const { entry, path, sealed, release } = await sealPeaks(vault, key.dataKey, identity, peaks);
  let stored = false;
  try {
    await vault.store.put(locationOf(tenant), path, sealed, peaksOperation(row), request);
    stored = true;
  } finally {
    await release(stored);
  }
  return entry;
}

/** Seals the peaks: they always fit into one part. */
export function sealPeaks(
  vault: Pick<Vault, 'store'>,
  dataKey: SecretKey,
  identity: Omit<ObjectIdentity, 'name'>,
  peaks: Uint8Array,
): Promise<SealedInMemory> {
  const plaintext = { type: PEAKS_TYPE, bytes: once(peaks), length: peaks.length };
  return sealInMemory(vault, dataKey, { ...identity, name: PEAKS }, plaintext);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
