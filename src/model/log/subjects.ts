// The part of the log's check that follows what events are about: recordings and uploads, legal holds, erasing.
import { type At, correctedTo, GRACE_MS } from './at.ts';
import type { AuditAction } from './event-catalogue.ts';
import { idsOf, type LeafValue, listed } from './leaf.ts';

/** What is a use of a recording: it was created before, and its erasing did not begin. */
const USES: ReadonlySet<string> = new Set<AuditAction>([
  ...(['access.requested', 'access.approved', 'access.assigned', 'session.opened', 'grant.extended'] as const),
  ...(['deposit.started', 'deposit.committing', 'deposit.available'] as const),
  ...(['recording.amended', 'recording.reencrypted', 'recording.read'] as const),
  ...(['comment.added', 'comment.changed', 'recording.restricted', 'recording.unrestricted'] as const),
]);

const OF_DEPOSIT: ReadonlySet<string> = new Set<AuditAction>([
  ...(['deposit.committing', 'deposit.available', 'deposit.aborting', 'deposit.aborted'] as const),
]);

const ERASE_REASONS: ReadonlySet<string> = new Set(['request', 'retention', 'court-order', 'error']);

/** What the check of changes knows of the cause of an erasure. */
type Changes = { readonly isApproved: (id: string) => boolean };

/** How far a recording is, in this order: known by an upload alone; described; its erasing began; ended. */
const Stage = { uploading: 0, created: 1, erasing: 2, erased: 3 } as const;
type Stage = (typeof Stage)[keyof typeof Stage];

export type Subjects = { readonly check: (at: At) => void; readonly hasRecordings: () => boolean };

/**
 * A check that recordings and uploads that events name were created before, once; that nothing uses a recording whose
 * erasing began; and that erasures have a reason, begin once and before they end, after the date until which a
 * recording is kept, and spare those under a legal hold. An erasing ends the uploads of its recordings: they need no
 * further event. Only a log with its tenant's creation knows every recording: after a rebuild from the store, older
 * ones are not in it. Takes every event with the outcome `ok`.
 */
export function subjectsOf(changes: Changes): Subjects {
  const recordings = new Map<string, Stage>();
  const deposits = new Set<string>();
  const erasedAt = new Map<string, number>();
  const holds = new Map<string, Set<string>>();
  const held = new Map<string, number>();
  const coverings = new Set<string>();
  const causes = new Set<string>();
  const requests = new Map<string, string>();
  const asked = new Map<string, string | undefined>();
  let [complete, rebuilt, isBack] = [false, false, false];

  /** A read has no lock on the recording: one that was under way is written a moment after the erasing began. */
  const isReadMeanwhile = (id: string, { leaf, now }: At): boolean =>
    leaf.action === 'recording.read' && now <= (erasedAt.get(id) ?? 0) + GRACE_MS;

  const use = (id: string, at: At): void => {
    const { find } = at;
    const stage = recordings.get(id);
    if (stage === undefined && complete) {
      find('recording_unknown');
      recordings.set(id, Stage.uploading);
    } else if (stage !== undefined && stage >= Stage.erasing && !isReadMeanwhile(id, at)) find('after_erase');
  };

  const create = ({ leaf: { object }, find }: At): void => {
    const again = object['again'] === 1;
    for (const id of idsOf(object)) {
      const stage = recordings.get(id);
      // A call that is described again keeps its recording.
      if (!again && stage !== undefined && stage !== Stage.uploading) find('repeated');
      if (stage === undefined || stage === Stage.uploading) recordings.set(id, Stage.created);
    }
  };

  const start = ({ leaf: { object }, find }: At): void => {
    const recording = String(object['recording']);
    if (deposits.has(object.id)) find('repeated');
    deposits.add(object.id);
    if (!recordings.has(recording)) recordings.set(recording, Stage.uploading);
  };

  /** Whether a subject's request erases these: by the change that decides it, or because that found what kept them. */
  const isDecided = (object: At['leaf']['object']): boolean => {
    const { cause, change } = object;
    if (change !== undefined) return requests.get(String(change)) === cause;
    return idsOf(object).every((id) => asked.has(id) && (asked.get(id) ?? cause) === cause);
  };

  const beginErasing = (at: At): void => {
    const { leaf, now, find } = at;
    const { object } = leaf;
    const { cause, change } = object;
    // A rule's cause is the rule, a subject's their request or withdrawal; a person's or a command's is its change.
    if (cause !== undefined && !causes.has(String(cause))) find('erase_reason');
    else if ([...requests.values()].includes(String(cause)) && !isDecided(object)) find('erase_reason');
    else if (change !== undefined && !changes.isApproved(String(change))) find('erase_reason');
    else if (cause === undefined && change === undefined && !isAsked(object)) find('erase_reason');
    // Written so that a time that cannot be read is a finding.
    if (object['kept_until'] !== undefined && !(now >= Date.parse(String(object['kept_until'])))) find('erase_early');
    for (const id of idsOf(object)) {
      const stage = recordings.get(id);
      if ((held.get(id) ?? 0) > 0) find('erase_held');
      if (stage !== undefined && stage >= Stage.erasing) find('repeated');
      else if (stage === undefined && complete) find('recording_unknown');
      recordings.set(id, Stage.erasing);
      erasedAt.set(id, now);
    }
  };

  /** That a subject asked for a recording to be erased, or restricted, is in its facts by a decision of two people alone. */
  const narrow = ({ leaf: { object }, find }: At): void => {
    const [set, change] = [listed(object['set']), String(object['change'])];
    const isNarrowed = set.includes('asked') || set.includes('restricted');
    if (isNarrowed && !changes.isApproved(change)) find('change_missing');
    const request = requests.get(change);
    if (set.includes('asked') && request !== undefined) asked.set(object.id, request);
  };

  const decide = ({ leaf: { object } }: At): void => {
    const change = String(object['change']);
    if (!changes.isApproved(change)) return;
    causes.add(object.id);
    requests.set(change, object.id);
  };

  const endErasing = ({ leaf: { object }, find }: At): void => {
    for (const id of idsOf(object)) {
      if (recordings.get(id) !== Stage.erasing) find('erase_end');
      recordings.set(id, Stage.erased);
    }
  };

  /** What the log has erased is erased again; after a restore also what the log lost. */
  const repeatErasing = ({ leaf: { object }, isNew, find }: At): void => {
    const isErased = (recordings.get(object.id) ?? Stage.uploading) >= Stage.erasing;
    if (isNew && complete && !isBack && !isErased) find('erase_reason');
    recordings.set(object.id, Stage.erasing);
  };

  const place = (hold: string, ids: readonly string[]): void => {
    const covered = holds.get(hold) ?? new Set();
    holds.set(hold, covered);
    for (const id of ids) {
      if (covered.has(id)) continue;
      covered.add(id);
      held.set(id, (held.get(id) ?? 0) + 1);
    }
  };

  const lift = (hold: string, ids: readonly string[]): void => {
    const covered = holds.get(hold) ?? new Set();
    for (const id of ids.length > 0 ? ids : [...covered]) {
      if (covered.delete(id)) held.set(id, (held.get(id) ?? 0) - 1);
    }
  };

  const follow = new Map<string, (at: At) => void>([
    [
      'tenant.created',
      ({ leaf }) => {
        complete = !rebuilt && leaf.log.endsWith(`/${leaf.object.id}`);
      },
    ],
    ['recording.created', create],
    ['recording.listed', (at) => (at.leaf.object['recordings'] === undefined ? undefined : create(at))],
    ['recording.missing', (at) => idsOf(at.leaf.object).forEach((id) => void use(id, at))],
    ['deposit.started', start],
    ['recording.erasing', beginErasing],
    ['recording.erased', endErasing],
    ['tombstone.replayed', repeatErasing],
    [
      'log.restored',
      ({ leaf: { log, object } }) => {
        isBack ||= log.endsWith(`/${object.id}`);
      },
    ],
    ['hold.placed', ({ leaf: { object } }) => place(object.id, listed(object['recordings']))],
    [
      'hold.covered',
      ({ leaf: { id, object } }) => {
        if (id !== undefined) coverings.add(id);
        place(String(object['hold'] ?? object.id), listed(object['recordings']));
      },
    ],
    [
      'amendment.replayed',
      ({ leaf: { object } }) => {
        // What the log knows of a hold counts: a lift may follow it there. A lift that the log lost has no two people.
        if (object.type === 'hold' && !coverings.has(String(object['event'])))
          place(object.id, listed(object['recordings']));
        // Of what else came back, only the digest is known.
        if (object.type === 'recording') asked.set(object.id, undefined);
      },
    ],
    ['hold.lifted', ({ leaf: { object } }) => lift(String(object['hold'] ?? object.id), listed(object['recordings']))],
    ['retention.changed', ({ leaf }) => void causes.add(leaf.object.id)],
    ['subject.doing', decide],
    [
      'clock.corrected',
      (at) => {
        const to = correctedTo(at);
        if (to !== null) for (const [id, began] of erasedAt) erasedAt.set(id, Math.min(began, to));
      },
    ],
    ['recording.amended', narrow],
    // What a subject withdrew for all purposes is erased once nothing keeps it.
    ['consent.withdrawn', ({ leaf: { object } }) => void (object['purposes'] === undefined && causes.add(object.id))],
  ]);
  for (const action of ['vault.rebuilt', 'tenant.rebuilt'])
    follow.set(action, ({ leaf, note }) => {
      // The deployment's log has no recordings.
      if (leaf.log.endsWith('/deployment')) return;
      [complete, rebuilt] = [false, true];
      note('after_rebuild');
    });

  return {
    check: (at) => {
      const { action, object } = at.leaf;
      const recording = action.startsWith('recording.') ? object.id : object['recording'];
      if (
        USES.has(action) &&
        recording !== undefined &&
        (action !== 'deposit.started' || recordings.has(String(recording)))
      )
        use(String(recording), at);
      if (OF_DEPOSIT.has(action) && complete && !deposits.has(object.id)) at.find('deposit_unknown');
      if (action === 'recording.reencrypted' && complete) {
        for (const id of [object['from'], object['to']])
          if (id !== undefined && !deposits.has(String(id))) at.find('deposit_unknown');
      }
      follow.get(action)?.(at);
    },
    hasRecordings: () => recordings.size > 0 || rebuilt,
  };
}

/** Whether an erasure says a reason that needs no rule: of one recording. */
function isAsked({ recordings, reason }: { readonly [name: string]: LeafValue | undefined }): boolean {
  return recordings === undefined && ERASE_REASONS.has(String(reason));
}
