// The peaks of an audio: a second object of its deposit, sealed under a second object key of the same data key.
import type { EnvelopeObject } from '../../envelope/envelope.ts';
import { headsOf, objectKey, objectPath } from '../../envelope/object.ts';
import { sealObject } from '../../envelope/seal.ts';
import { partCount, sealedObjectSize } from '../../envelope/sizes.ts';
import { PEAKS, PEAKS_TYPE } from '../../model/peaks.ts';
import type { Deposit } from '../../model/recording.ts';
import { locationOf } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { ClaimedDeposit } from './deposit-types.ts';

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
  const identity = { tenant: row.tenant, recording: row.recording, deposit: row.id, name: PEAKS };
  const sealing = objectKey(key.dataKey, PEAKS);
  const headers: Buffer[] = [];
  try {
    // Peaks always fit into one part.
    const { releasesBuffer } = vault.store;
    for await (const part of sealObject(once(peaks), sealing, identity, { releasesBuffer, length: peaks.length })) {
      headers.push(part.header);
      await vault.store.put(locationOf(tenant), objectPath(identity), part.sealed, peaksOperation(row), request);
    }
  } finally {
    sealing.zero();
  }
  const size = peaks.length;
  const sealed = sealedObjectSize(size);
  return { name: PEAKS, type: PEAKS_TYPE, size, sealed, parts: partCount(size), heads: headsOf(headers) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
