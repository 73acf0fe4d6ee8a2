// The part of the log's check that follows the clock of each grant: its window, its end, its one extension.
import type { FindingCode } from './finding.ts';
import type { Leaf } from './leaf.ts';

/** The request of a grant, as far as its clock depends on it. */
export type ClockRequest = { readonly requester: string; readonly recording: string; readonly minutes: number };

/** A grant as its approval made it. `ends`: of its window until the first listen, of the clock from then on. */
type Clock = {
  /** The request or the batch that the grant belongs to, with which of them it is. */
  readonly source: string;
  readonly recording: string;
  readonly holder: string;
  readonly length: number;
  readonly extension: number;
  ends: number;
  /** Of an assigned grant: until when it can be finished, also after its clock. */
  readonly due: number;
  /** Whether the first listen will start it. */
  waits: boolean;
  extended: boolean;
  over: 'session_revoked' | 'session_late' | null;
};

export type ClockCheck = {
  /** The approval that created a grant. */
  readonly approve: (leaf: Leaf, request: ClockRequest) => void;
  /** The assignment that created a grant. */
  readonly assign: (leaf: Leaf) => void;
  /** What is wrong with the finish or return of an assigned grant. */
  readonly finish: (leaf: Leaf) => FindingCode | null;
  /** What is wrong with the opening of a session, and with an extension; null for nothing. */
  readonly open: (leaf: Leaf) => FindingCode | null;
  readonly extend: (leaf: Leaf) => FindingCode | null;
  /** The grant was revoked or expired. */
  readonly end: (leaf: Leaf) => void;
  /** The batch was withdrawn or closed: no grant of it is live any more. */
  readonly endBatch: (leaf: Leaf) => void;
};

const MINUTE_MS = 60_000;

/** Tolerance: a transaction that began before the grant's end may be written after it. */
const GRACE_MS = 60_000;

/**
 * A check that each session was opened on a grant of its request while the grant's clock ran, and ends with it at the
 * latest; and that a grant was extended at most once, by its holder, by the minutes that its approval included. The end
 * of a grant follows from its approval, never from what later events say of it. Of an approval, a passkey signs `minutes`
 * and `opens_until`; `extend_minutes` is what the service wrote, from the policy.
 */
export function clockCheck(): ClockCheck {
  const clocks = new Map<string, Clock>();
  /** Of batches that ended, by source: what is wrong with a session on one of its grants. */
  const ended = new Map<string, Exclude<Clock['over'], null>>();
  const overOf = ({ over, source }: Clock): Clock['over'] => over ?? ended.get(source) ?? null;

  /** A grant is made once: a second approval or assignment with its id changes nothing of it. */
  const begin = (grant: string, clock: Clock): void => {
    if (!clocks.has(grant)) clocks.set(grant, clock);
  };

  const approve = ({ object, ts }: Leaf, { requester, recording, minutes: asked }: ClockRequest): void => {
    const [grant, until] = [object['grant'], object['opens_until']];
    if (grant === undefined) return;
    const length = Number(object['minutes'] ?? asked) * MINUTE_MS;
    begin(String(grant), {
      ...{ source: `request ${object.id}`, recording, holder: requester, length },
      extension: Number(object['extend_minutes'] ?? 0) * MINUTE_MS,
      due: 0,
      ends: until === undefined ? Date.parse(ts) + length : Date.parse(String(until)),
      ...{ waits: until !== undefined, extended: false, over: null },
    });
  };

  const assign = ({ object }: Leaf): void => {
    begin(object.id, {
      ...{ source: sourceOf(object), recording: String(object['recording']), holder: String(object['person']) },
      length: Number(object['minutes']) * MINUTE_MS,
      extension: Number(object['extend_minutes'] ?? 0) * MINUTE_MS,
      ends: Date.parse(String(object['opens_until'])),
      due: Date.parse(String(object['opens_until'])),
      ...{ waits: true, extended: false, over: null },
    });
  };

  const open = ({ object, actor, ts }: Leaf): FindingCode | null => {
    const clock = clocks.get(String(object['grant']));
    if (clock === undefined || clock.source !== sourceOf(object)) return 'session_unapproved';
    if (clock.holder !== actor.id) return 'session_person';
    if (clock.recording !== object['recording']) return 'session_recording';
    const over = overOf(clock);
    if (over !== null) return over;
    // Written so that times that cannot be read are findings, here and below.
    if (!(Date.parse(ts) <= clock.ends + GRACE_MS)) return 'session_late';
    const ends = Date.parse(String(object['ends']));
    const latest = clock.waits ? Date.parse(ts) + clock.length : clock.ends;
    const within = ends <= latest;
    if (clock.waits) clock.ends = within ? ends : latest;
    clock.waits = false;
    return within ? null : 'session_overrun';
  };

  const extend = ({ object, actor, ts }: Leaf): FindingCode | null => {
    const clock = clocks.get(object.id);
    if (clock === undefined || clock.source !== sourceOf(object) || !(clock.extension > 0))
      return 'extension_unapproved';
    if (actor.id !== clock.holder) return 'extension_person';
    if (clock.extended) return 'extension_repeated';
    clock.extended = true;
    const runs = !clock.waits && overOf(clock) === null && Date.parse(ts) <= clock.ends + GRACE_MS;
    if (!runs) return 'extension_time';
    clock.ends += clock.extension;
    return Date.parse(String(object['expires'])) === clock.ends ? null : 'extension_end';
  };

  const end = ({ object, action }: Leaf): void => {
    const clock = clocks.get(object.id);
    if (clock !== undefined) clock.over = action === 'grant.expired' ? 'session_late' : 'session_revoked';
  };

  const endBatch = ({ object, action }: Leaf): void =>
    void ended.set(`batch ${object.id}`, action === 'batch.withdrawn' ? 'session_revoked' : 'session_late');

  const finish = (leaf: Leaf): FindingCode | null => {
    const clock = clocks.get(leaf.object.id);
    const over = clock !== undefined && overOf(clock) !== null;
    end(leaf);
    if (clock === undefined || clock.source !== sourceOf(leaf.object)) return 'finish_unassigned';
    if (clock.holder !== leaf.actor.id) return 'finish_person';
    if (over) return 'finish_closed';
    if (leaf.action === 'grant.done' && clock.waits) return 'finish_unheard';
    return Date.parse(leaf.ts) <= clock.due + GRACE_MS ? null : 'finish_late';
  };

  return { approve, assign, open, extend, end, endBatch, finish };
}

/** What an event says that a grant belongs to. The id of a request in the place of a batch's is another source. */
function sourceOf({ request, batch }: Leaf['object']): string {
  return request === undefined ? `batch ${batch}` : `request ${request}`;
}
