// What a rebuild compares with the log, where the database still has one: the entries that its events name.
import type { Actor } from '../../model/audit-event.ts';
import { addQuarantineReason } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import {
  compareWithLog,
  type LogFault,
  type LoggedFault,
  type UnerasedFault,
} from '../core/amendments/logged-entries.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { isRebuilt, namelessPath } from './rebuild-streams.ts';

/** An entry that the log names and no row has, a recording that it says was erased, or an event that is damaged. */
export type BehindLog = { readonly kind: (LoggedFault | UnerasedFault | LogFault)['kind']; readonly path: string };

/**
 * Reports the first entry of each stream that the log names and that was not brought back; the recording, if it was
 * rebuilt, is quarantined (`integrity`). Throws the database's errors.
 */
export async function findBehindLog(
  vault: Pick<Vault, 'db' | 'settings'>,
  by: Actor,
  { tenant }: Tenant,
  report: (problem: BehindLog) => void,
  request: RequestContext,
): Promise<void> {
  for await (const fault of compareWithLog(vault, tenant, request)) {
    if (fault.kind === 'log_damaged') {
      report({ kind: fault.kind, path: `${tenant} event ${fault.index} (${fault.why})` });
      continue;
    }
    const { kind, subject } = fault;
    report({ kind, path: kind === 'not_erased' ? subject : namelessPath(tenant, subject, fault.n) });
    if (subject.startsWith('rec_')) await setAside(vault, by, tenant, subject, request);
  }
}

async function setAside(
  vault: Pick<Vault, 'db' | 'settings'>,
  by: Actor,
  tenant: string,
  id: string,
  request: RequestContext,
): Promise<void> {
  await vault.db.change(async (tx) => {
    const recording = await tx.recordings.lock(tenant, id);
    const quarantine = recording === null ? [] : addQuarantineReason(recording.quarantine, 'integrity');
    const set =
      recording !== null &&
      isRebuilt(recording) &&
      !recording.quarantine.includes('integrity') &&
      (await tx.recordings.change(recording, { quarantine }));
    if (!set) return { result: null, unchanged: true };
    const object = { id, reason: 'integrity' } as const;
    return { result: null, events: [event(tenant, by, 'recording.quarantined', object, request)] };
  }, request);
}
