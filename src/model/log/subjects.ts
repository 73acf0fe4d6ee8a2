// The part of the log's check that follows what events are about: recordings, uploads and requests are created once, before anything else of them.
import type { AuditAction } from './event-catalogue.ts';
import type { Find } from './finding.ts';
import type { Leaf } from './leaf.ts';

/** What needs its recording: asking, allowing, listening, changing, erasing. */
const OF_RECORDING: ReadonlySet<string> = new Set<AuditAction>([
  ...(['access.requested', 'access.assigned', 'session.opened'] as const),
  ...(['recording.amended', 'recording.read'] as const),
]);

const OF_DEPOSIT: ReadonlySet<string> = new Set<AuditAction>([
  ...(['deposit.committing', 'deposit.available', 'deposit.aborting', 'deposit.aborted'] as const),
]);

/**
 * A check that recordings and uploads that events name were created before, and that none, nor a request, was created
 * twice. Only in a log with its tenant's creation: after a rebuild from the store, older ones are not in it. Takes every event with the outcome `ok`.
 */
export function subjectCheck(): (leaf: Leaf, find: Find) => void {
  const [recordings, deposits, requests] = [new Set<string>(), new Set<string>(), new Set<string>()];
  let complete = false;

  const create = (known: Set<string>, id: string, find: Find): void => {
    if (known.has(id)) find('repeated');
    known.add(id);
  };

  return ({ action, object }, find) => {
    const recording = object.type === 'recording' ? object.id : String(object['recording']);
    if (action === 'tenant.created') complete = true;
    else if (action === 'vault.rebuilt' || action === 'tenant.rebuilt') complete = false;
    else if (action === 'deposit.started') {
      create(deposits, object.id, find);
      recordings.add(recording);
    } else if (action === 'recording.created') {
      // A call that is described again keeps its recording.
      if (object['again'] !== 1) create(recordings, `created ${recording}`, find);
      recordings.add(recording);
    } else if (action === 'access.requested') create(requests, object.id, find);
    if (!complete) return;
    const erases = action === 'recording.erasing' && object.type === 'recording';
    if ((erases || OF_RECORDING.has(action)) && !recordings.has(recording)) find('recording_unknown');
    if (OF_DEPOSIT.has(action) && !deposits.has(object.id)) find('deposit_unknown');
  };
}
