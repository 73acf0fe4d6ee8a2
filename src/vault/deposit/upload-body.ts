// The upload of a deposit's bytes: sealed part by part into the store, then committed in the row.
import type { EnvelopeObject } from '../../envelope/envelope.ts';
import { objectKey, objectPath } from '../../envelope/object.ts';
import { sealObject } from '../../envelope/seal.ts';
import { VaultError } from '../../errors.ts';
import type { Deposit, PartRow } from '../../model/recording.ts';
import { locationOf } from '../../model/tenant.ts';
import { awaitBoth } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { withBufferSlot } from './buffer-slots.ts';
import { commit, objectEntry } from './commit.ts';
import type { ClaimedDeposit, ObjectRows } from './deposit-types.ts';
import { storePeaks } from './peaks.ts';
import type { BodyFacts } from './upload-bytes.ts';
import { beginUpload, commitPart } from './uploads.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'clock' | 'metadataKeys' | 'settings'>;

/**
 * Seals the body part by part and changes the deposit to COMMITTING; after that no byte is accepted. Throws the body's
 * errors, or `conflict`.
 */
export async function uploadBody(
  vault: Deps,
  claimed: ClaimedDeposit,
  request: RequestContext,
): Promise<{ readonly row: Deposit; readonly facts: BodyFacts; readonly rows: ObjectRows }> {
  const { tenant, row, key, body } = claimed;
  const identity = { tenant: row.tenant, recording: row.recording, deposit: row.id, name: row.object };
  const target = { deposit: row, place: locationOf(tenant), path: objectPath(identity) };
  const sealingKey = objectKey(key.dataKey, row.object);
  const headers: Buffer[] = [];
  const parts: PartRow[] = [];
  let uploadId: string | null = null;
  let facts: BodyFacts | null = null;
  let beside: readonly EnvelopeObject[] = [];
  const { bytes, done } = withBufferSlot(body.bytes, vault.clock);
  try {
    const { releasesBuffer } = vault.store;
    for await (const part of sealObject(bytes, sealingKey, identity, { releasesBuffer, length: body.length })) {
      request.signal.throwIfAborted();
      headers.push(part.header);
      // The last part is stored only after length and digest were checked.
      if (part.last) facts = await body.finish();
      const peaks = part.last ? (facts?.peaks ?? null) : null;
      const put = async (): Promise<void> => {
        if (part.last && part.number === 0) {
          await vault.store.put(target.place, target.path, part.sealed, row.op, request);
        } else {
          uploadId ??= await beginUpload(vault, target, request);
          parts.push(await commitPart(vault, target, uploadId, part, request));
        }
      };
      if (peaks === null) await put();
      else beside = [(await awaitBoth(storePeaks(vault, claimed, peaks, request), put()))[0]];
    }
  } finally {
    done();
    sealingKey.zero();
  }
  if (facts === null) throw new VaultError('internal', 'sealing ended without a last part');
  const members = [objectEntry(row.object, claimed.type, facts.size, headers), ...beside];
  const { committing, objects } = await commit(vault, claimed, facts, members, request);
  return { facts, row: committing, rows: { objects, parts } };
}
