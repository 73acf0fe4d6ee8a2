// The recordings of one contact: all legs that have the same interaction.
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, type RecordingCursor } from '../../model/recording.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { textIndex } from '../core/facts/indexes.ts';
import { openRecordingFacts } from '../core/objects/recording-view.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireVisible } from '../core/scope/read-scope.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type RecordingPage, readRecordingPage } from './page.ts';

/**
 * The recordings of the interaction that this one is part of, itself included, newest call first; none where it is part of
 * none. Counts as a look at the list, which shows the same. Throws `not_found`, the same for another tenant's, a hidden
 * and a missing recording, and `erased`.
 */
export async function readInteraction(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  id: string,
  after: RecordingCursor | null,
  limit: number,
  request: RequestContext,
): Promise<RecordingPage> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const recording = await vault.db.read(
    async (rows) => requireVisible(rows, metadataKey, by, await rows.recordings.find(by.tenant, id)),
    request,
  );
  if (isErased(recording)) throw new VaultError('erased', 'this recording was erased');
  const object = { id: by.tenant };
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'catalogue.read', object }, request);
  const interaction = openRecordingFacts(metadataKey, recording)?.interaction;
  if (interaction === undefined) return { recordings: [], next: null, complete: true };
  const indexes = [textIndex(metadataKey, 'interaction', interaction)];
  return readRecordingPage(vault, by, metadataKey, {}, indexes, after, limit, request);
}
