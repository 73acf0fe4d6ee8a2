// Objects that a session reads whole, after complete verification: transcripts, and the peaks of the audio.
import { hasCode } from '../../errors.ts';
import { PEAKS } from '../../model/peaks.ts';
import type { Caller } from '../../model/principal.ts';
import { locationOf } from '../../model/tenant.ts';
import { readWholeObject } from '../core/objects/read-whole.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { servedCounter } from './count-served.ts';
import { liveObject, requireCurrentDeposit, type WantedObject } from './live-object.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'settings'> &
  Pick<Vault, 'metadataKeys' | 'tenantKeks' | 'sessionKeys' | 'logProofs'>;

/** An object's bytes, with the members for the reply. */
export type WholeObject = { readonly type: string; readonly etag: string; readonly bytes: Buffer };

/** The whole of a transcript. Throws as `openAudio`, and `integrity`. */
export function readTranscript(
  vault: Deps,
  by: Caller,
  id: string,
  language: string,
  request: RequestContext,
): Promise<WholeObject> {
  const name = `transcript/${language}`;
  return readAll(vault, by, id, { covered: 'transcript', deposit: name, name }, request);
}

/**
 * The peaks, for a grant that covers audio. Throws as `openAudio`, `not_found` where there are none, and `integrity`.
 */
export function readPeaks(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<WholeObject> {
  return readAll(vault, by, id, { covered: 'audio', deposit: 'audio', name: PEAKS }, request);
}

async function readAll(
  vault: Deps,
  by: Caller,
  id: string,
  what: WantedObject,
  request: RequestContext,
): Promise<WholeObject> {
  const { live, stored, type, key } = await liveObject(vault, by, id, what, request);
  await servedCounter(vault, by, live, request).count({ bytes: stored.size, servedRange: null });
  const { key: dataKey } = await key();
  try {
    const pieces: Buffer[] = [];
    const read = readWholeObject(vault, locationOf(live.tenant), stored, dataKey, null, request);
    for await (const run of read) pieces.push(...run);
    return { type, etag: `"${stored.deposit}"`, bytes: Buffer.concat(pieces) };
  } catch (error) {
    if (hasCode(error, 'blob_missing', 'key_zeroed')) await requireCurrentDeposit(vault, what.deposit, stored, request);
    throw error;
  }
}
