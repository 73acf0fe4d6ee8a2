// Setting a recording aside because what is stored of it does not open.
import type { Actor } from '../../model/audit-event.ts';
import { isErased, withReason } from '../../model/recording.ts';
import { event } from '../log/events.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

/** Adds the reason `integrity`; false where it is there already, or the recording is gone. Throws `conflict`. */
export async function quarantineDamaged(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  tenant: string,
  id: string,
  request: Request,
): Promise<boolean> {
  const before = await vault.db.read((rows) => rows.recordings.find(tenant, id), request);
  if (before === null || isErased(before) || before.quarantine.split(',').includes('integrity')) return false;
  const { result } = await vault.db.change(async (tx) => {
    const recording = await tx.recordings.lock(tenant, id);
    const changed =
      recording !== null &&
      !isErased(recording) &&
      (await tx.recordings.change(recording, { quarantine: withReason(recording.quarantine, 'integrity') }));
    const object = { type: 'recording', id, reason: 'integrity' };
    return {
      result: changed,
      events: [event(tenant, by, 'recording.quarantined', object, request, changed ? 'ok' : 'failed')],
    };
  }, request);
  return result;
}
