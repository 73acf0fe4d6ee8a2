// Quarantining a recording whose blobs do not open, and releasing it once all of them do.
import type { Actor } from '../../model/audit-event.ts';
import { addQuarantineReason, isErased, type Recording, removeQuarantineReason } from '../../model/recording.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Adds the reason `integrity`; false where it has it already, or the recording does not exist. Throws `conflict`. */
export async function quarantineDamaged(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  tenant: string,
  id: string,
  request: RequestContext,
): Promise<boolean> {
  const before = await vault.db.read((rows) => rows.recordings.find(tenant, id), request);
  if (before === null || isErased(before) || isDamaged(before)) return false;
  const { result } = await vault.db.change(async (tx) => {
    const recording = await tx.recordings.lock(tenant, id);
    const changed =
      recording !== null &&
      !isErased(recording) &&
      (await tx.recordings.change(recording, { quarantine: addQuarantineReason(recording.quarantine, 'integrity') }));
    const object = { id, reason: 'integrity' } as const;
    return {
      result: changed,
      events: [event(tenant, by, 'recording.quarantined', object, request, changed ? 'ok' : 'failed')],
    };
  }, request);
  return result;
}

/** Whether a recording is in quarantine because its blobs do not open. */
export function isDamaged({ quarantine }: Pick<Recording, 'quarantine'>): boolean {
  return quarantine.includes('integrity');
}

/** Removes the reason `integrity` where every AVAILABLE deposit of the recording is among those that opened. */
export async function releaseIntact(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  tenant: string,
  id: string,
  opened: ReadonlySet<string>,
  request: RequestContext,
): Promise<boolean> {
  const { result } = await vault.db.change(async (tx) => {
    const recording = await tx.recordings.lock(tenant, id);
    const deposits = await tx.deposits.available(tenant, id);
    const released =
      recording !== null &&
      isDamaged(recording) &&
      !isErased(recording) &&
      deposits.every((deposit) => opened.has(deposit.id)) &&
      (await tx.recordings.change(recording, {
        quarantine: removeQuarantineReason(recording.quarantine, 'integrity'),
      }));
    const object = { id, reason: 'integrity' } as const;
    return {
      result: released,
      events: [event(tenant, by, 'recording.released', object, request, released ? 'ok' : 'failed')],
    };
  }, request);
  return result;
}
