// The metadata of one recording. Each read is in the log.
import { VaultError } from '../../errors.ts';
import { correctableFacts } from '../../model/corrections.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, isHidden, type Recording } from '../../model/recording.ts';
import { type ListedRecording, listedRecordings } from '../access/access-states.ts';
import { actorOf, event, presentedCredential, writeEvent } from '../core/events/events.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { isInScope, noRecording, queueUse, scopeUnder } from '../core/scope/read-scope.ts';
import { metadataKeyOf, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** A recording with members of its row that lists do not have, and the facts that the caller may correct. */
export type ReadRecording = ListedRecording &
  Pick<Recording, 'version' | 'retainUntil'> & { readonly correctable: readonly string[] };

/**
 * One recording's metadata. Throws `not_found`, the same for another tenant's, a hidden and a missing recording and one
 * out of scope, and
 * `erased` for one whose metadata was erased.
 */
export async function readRecording(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<ReadRecording> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const found = await vault.db.read(async (rows) => {
    const [look, recording] = await Promise.all([rows.looks.policy(by.tenant), rows.recordings.find(by.tenant, id)]);
    requireActive(look?.tenant ?? null);
    if (recording === null || isHidden(recording)) throw noRecording();
    const scope = await scopeUnder(rows, metadataKey, by, look?.policy ?? null);
    if (!(await isInScope(rows, scope, recording))) throw noRecording();
    const [listed] = await listedRecordings(rows, metadataKey, by, look, [recording]);
    if (listed === undefined) throw noRecording();
    const { policy } = policyOf(metadataKey, look?.policy ?? null);
    const correctable = may(by, 'recording.correct')
      ? correctableFacts(by.roles, await queueUse(rows, by.tenant, policy))
      : [];
    return { recording, listed, correctable };
  }, request);
  const { recording, listed, correctable } = found;
  if (isErased(recording)) throw new VaultError('erased', 'this recording was erased');
  const object = { id, ...presentedCredential(by) };
  await writeEvent(vault, event(by.tenant, actorOf(by), 'recording.read', object, request), request);
  const { version, retainUntil } = recording;
  return { ...listed, version, retainUntil, correctable };
}
