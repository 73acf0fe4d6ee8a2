// Amendment entries in a store without rows, as a writer of the format seals them.
import { newId } from '../../src/bytes/ids.ts';
import { type SealedEntry, sealEntry } from '../../src/envelope/amendments/entry.ts';
import type { SecretKey } from '../../src/envelope/secret-key.ts';
import type { JsonObject } from '../../src/model/amendments/amendment.ts';
import { readAmendment } from '../../src/model/amendments/read-amendment.ts';

/** Seals a stream: an entry a body, a minute apart from `start` on. `why` and `by` are filled in. */
export function sealStream(
  metadataKey: SecretKey,
  tenant: string,
  subject: string,
  bodies: readonly JsonObject[],
  start = '2026-12-01T10:58:00.000Z',
): SealedEntry[] {
  const entries: SealedEntry[] = [];
  for (const [n, said] of bodies.entries()) {
    const body = { v: 1, why: 'recording.amended', by: newId('usr'), ...said };
    readAmendment(subject, body);
    const now = new Date(Date.parse(start) + n * 60_000).toISOString();
    entries.push(sealEntry(metadataKey, { tenant, subject, event: newId('evt'), body }, entries.at(-1) ?? null, now));
  }
  return entries;
}
