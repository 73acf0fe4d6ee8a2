// Setting a recording aside because what is stored of it does not open, and letting it go once all of it does.
import type { Actor } from '../../model/audit-event.ts';
import { addQuarantineReason, isErased, type Recording, removeQuarantineReason } from '../../model/recording.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Adds the reason `integrity`; false where it is there already, or the recording is gone. Throws `conflict`. */
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

/** Whether a recording was set aside because of what is stored of it. */
export function isDamaged({ quarantine }: Pick<Recording, 'quarantine'>): boolean {
  return quarantine.includes('integrity');
}

/** Takes the reason `integrity` off again where all that there is of the recording is among what opened. */
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
