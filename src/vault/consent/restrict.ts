// Restricting a recording: from then on it is heard for legal purposes and subject requests alone, and does not expire.
import { VaultError } from '../../errors.ts';
import type { JsonObject } from '../../model/amendments/amendment.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { needsNoConsent } from '../../model/basis.ts';
import type { Restriction, RestrictionGround } from '../../model/facts.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, isHidden, type Recording } from '../../model/recording.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { requireFacts, writeAct } from '../core/facts/write-act.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import { openRecordingFacts } from '../core/objects/recording-view.ts';
import type { RequestContext } from '../core/request-context.ts';
import { noRecording } from '../core/scope/read-scope.ts';
import { activeTenantAndKey, lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { endForbidden } from './end-access.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate' | 'sessionKeys'>;

/** A recording after it was restricted. */
export type RestrictedRecording = {
  readonly id: string;
  /** Null for a repeated request, once the restriction was lifted. */
  readonly restriction: Restriction | null;
  readonly receipt: Receipt | undefined;
};

/**
 * Restricts a recording and ends its grants for what is forbidden then, with their sessions. The reason is sealed beside
 * the event. Throws `not_found`, `erased`, `conflict` where it is restricted, `not_available` while its stream is damaged,
 * and `unauthenticated` where the caller's credential ended.
 */
export async function restrictRecording(
  vault: Deps,
  by: Caller,
  id: string,
  { ground, reason }: { readonly ground: RestrictionGround; readonly reason: string },
  request: RequestContext,
): Promise<RestrictedRecording> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const [actor, credential] = [actorOf(by), presentedCredential(by)];
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    const tenant = await lockActiveTenant(tx, by.tenant);
    const recording = requireThere(await tx.recordings.lock(by.tenant, id));
    if (requireFacts(metadataKey, recording)['restricted'] !== undefined)
      throw new VaultError('conflict', 'this recording is restricted already');
    const restriction: Restriction = { at: await tx.now(), ground };
    const made = event(by.tenant, actor, 'recording.restricted', { id, ground, ...credential }, request);
    const set = { restricted: restriction as unknown as JsonObject };
    const written = await writeAct(tx, vault, { tenant, metadataKey, recording }, set, made);
    const how = { actor, credential, why: 'restricted', words: null } as const;
    const forbids = (purpose: string) => !needsNoConsent(purpose);
    const narrowed = { tenant: by.tenant, id, forbids, isNew: true };
    const ended = await endForbidden(tx, how, [narrowed], request);
    const events = [withDetail(written, metadataKey, { reason }), ...ended.events];
    return { result: { restriction, sessions: ended.sessions }, events, ...replyToStore(request, 'done', id) };
  }, request);
  for (const session of result.sessions) vault.sessionKeys.end(session);
  return { id, restriction: result.restriction, receipt: receipts[0] };
}

/** The reply of a request that was made before: the recording as it is now. Throws as `restrictRecording`. */
export async function replayRestriction(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  id: string,
  { receipt }: StoredOutcome,
  request: RequestContext,
): Promise<RestrictedRecording> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const recording = requireThere(await vault.db.read((rows) => rows.recordings.find(by.tenant, id), request));
  return { id, restriction: openRecordingFacts(metadataKey, recording)?.restricted ?? null, receipt };
}

function requireThere(recording: Recording | null): Recording {
  if (recording === null || isHidden(recording)) throw noRecording();
  if (isErased(recording)) throw new VaultError('erased', 'this recording was erased');
  return recording;
}
