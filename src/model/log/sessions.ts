// The part of the log's check that follows grants and sessions: the clock, the one extension, the uses, and assigned work.
import { type At, correctedTo, GRACE_MS, MINUTE_MS } from './at.ts';
import type { Finding, FindingCode, Notice } from './finding.ts';
import type { Leaf } from './leaf.ts';
import { isPossible, LATE_MS, roundsOf } from './session-ends.ts';

/** The request of a grant, as far as its clock depends on it. */
export type ClockRequest = {
  readonly requester: string;
  readonly recording: string;
  readonly purpose: string | null;
  readonly minutes: number;
};

/** How a grant ended: what a session on it is from then on. */
type Over = 'session_revoked' | 'session_late';

/** A grant as its approval made it. `ends`: of its window until the first listen, of the clock from then on. */
type Clock = {
  /** The request or the batch that the grant belongs to, with which of them it is. */
  readonly source: string;
  readonly recording: string;
  readonly holder: string;
  readonly purpose: string | null;
  readonly length: number;
  readonly extension: number;
  /** How many sessions may be opened on it. */
  readonly uses: number;
  heard: number;
  ends: number;
  /** Of an assigned grant: until when it can be finished, also after its clock. */
  readonly due: number;
  /** Whether the first listen will start it. */
  waits: boolean;
  extended: boolean;
};

type Open = {
  readonly seq: number;
  readonly opened: number;
  readonly recording: string;
  readonly ends: number;
  readonly grant: Clock | null;
};

export type Sessions = {
  readonly check: (at: At) => void;
  /** The approval that created a grant. */
  readonly approve: (at: At, request: ClockRequest) => void;
  /** The assignment that created a grant. */
  readonly assign: (at: At) => void;
  /** Sessions that are open though their time ended long before `now`: a notice while nothing shows that others were ended. */
  readonly unended: (now: number) => { readonly findings: readonly Finding[]; readonly notices: readonly Notice[] };
};

/** What can make a grant besides an approval and an assignment. */
type OtherSources = { readonly faultOf: (at: At) => FindingCode | null };

/** Older approvals do not say how many sessions their grant allows: then so many are certainly too many. */
const MOST_USES = 100;
/** After so many events, grants whose time ended long ago are dropped but for their ids. */
const SWEEP_EVENTS = 50_000;

/**
 * A check that each session was opened on a grant of its request or batch while the grant's clock ran, by its holder, and
 * ends with it; that a grant was extended at most once, by the minutes that its approval included; that assigned work is
 * finished by its reviewer in time. The end of a grant follows from its approval, never from what later events say of it.
 * Of an approval, a passkey signs `minutes` and `opens_until`; `extend_minutes` and `uses` are what the service wrote,
 * from the policy.
 */
export function sessionsOf(others: OtherSources): Sessions {
  const grants = new Map<string, Clock | Over>();
  /** Of batches that ended, by source. */
  const ended = new Map<string, Over>();
  const sessions = new Map<string, Open>();
  const rounds = roundsOf();
  let events = 0;
  let swept = 0;

  const begin = (grant: string, clock: Clock, { find }: At): void => {
    // A grant is made once: a second approval or assignment with its id changes nothing of it.
    if (grants.has(grant)) find('repeated');
    else grants.set(grant, clock);
  };

  const approve = (at: At, { requester, recording, purpose, minutes: asked }: ClockRequest): void => {
    const { object } = at.leaf;
    const until = object['opens_until'];
    const length = Number(object['minutes'] ?? asked) * MINUTE_MS;
    const clock = {
      ...{ source: `request ${object.id}`, recording, holder: requester, purpose, length, ...givenBy(object) },
      ...{ due: 0, ends: until === undefined ? at.now + length : Date.parse(String(until)) },
      ...{ waits: until !== undefined, extended: false },
    };
    begin(String(object['grant']), clock, at);
  };

  const assign = (at: At): void => {
    const { object } = at.leaf;
    const due = Date.parse(String(object['opens_until']));
    const clock = {
      ...{ source: sourceOf(object), recording: String(object['recording']), holder: String(object['person']) },
      ...{ purpose: object['purpose'] === undefined ? null : String(object['purpose']), ...givenBy(object) },
      ...{ length: Number(object['minutes']) * MINUTE_MS, ends: due, due, waits: true, extended: false },
    };
    begin(object.id, clock, at);
  };

  /** What is wrong with a session on this grant; null for nothing. */
  const faultOf = ({ leaf: { object, actor }, now }: At, clock: Clock): FindingCode | null => {
    const isItsPurpose = clock.purpose === null || (object['purpose'] ?? clock.purpose) === clock.purpose;
    if (clock.source !== sourceOf(object) || !isItsPurpose) return 'session_unapproved';
    if (clock.holder !== actor.id) return 'session_person';
    if (clock.recording !== object['recording']) return 'session_recording';
    const over = ended.get(clock.source);
    if (over !== undefined) return over;
    const ends = Date.parse(String(object['ends']));
    const latest = clock.waits ? now + clock.length : clock.ends;
    const within = ends <= latest;
    // Written so that times that cannot be read are findings.
    const isTimely = now <= clock.ends + GRACE_MS && within && now <= ends + GRACE_MS;
    const isUsedUp = clock.heard >= clock.uses;
    if (clock.waits) clock.ends = within ? ends : latest;
    clock.waits = false;
    clock.heard++;
    if (!isTimely) return 'session_late';
    return isUsedUp ? 'session_uses' : null;
  };

  const open = (at: At): FindingCode | null => {
    const { leaf, find } = at;
    const { object } = leaf;
    const clock = grants.get(String(object['grant']));
    const grant = typeof clock === 'object' ? clock : null;
    const [recording, ends] = [String(object['recording']), Date.parse(String(object['ends']))];
    if (sessions.has(object.id)) find('repeated');
    sessions.set(object.id, { seq: leaf.seq, opened: at.now, recording, ends, grant });
    if (clock === undefined) return others.faultOf(at);
    return typeof clock === 'object' ? faultOf(at, clock) : clock;
  };

  const end = ({ leaf, now, note }: At): FindingCode | null => {
    const { object } = leaf;
    const session = sessions.get(object.id);
    if (session === undefined) return 'session_unopened';
    sessions.delete(object.id);
    if ((object['recording'] ?? session.recording) !== session.recording) return 'session_recording';
    if (!(now > endOf(session) + LATE_MS)) return null;
    if (!isPossible(leaf, endOf(session) - session.opened)) return 'session_overrun';
    note('ended_late');
    return null;
  };

  const extend = ({ leaf: { object, actor }, now }: At): FindingCode | null => {
    const clock = grants.get(object.id);
    if (typeof clock === 'string') return 'extension_late';
    if (clock === undefined || clock.source !== sourceOf(object) || !(clock.extension > 0))
      return 'extension_unapproved';
    if (actor.id !== clock.holder) return 'extension_person';
    if (clock.extended) return 'extension_repeated';
    clock.extended = true;
    if (clock.waits) return 'extension_early';
    if (ended.has(clock.source) || !(now <= clock.ends + GRACE_MS)) return 'extension_late';
    clock.ends += clock.extension;
    return Date.parse(String(object['expires'])) === clock.ends ? null : 'extension_end';
  };

  const endGrant = ({ leaf: { object, action } }: At): null => {
    if (grants.has(object.id)) grants.set(object.id, action === 'grant.expired' ? 'session_late' : 'session_revoked');
    return null;
  };

  const endBatch = ({ leaf: { object, action } }: At): null => {
    ended.set(`batch ${object.id}`, action === 'batch.withdrawn' ? 'session_revoked' : 'session_late');
    return null;
  };

  const finish = (at: At): FindingCode | null => {
    const { leaf, now } = at;
    const clock = grants.get(leaf.object.id);
    endGrant(at);
    if (typeof clock === 'string') return 'finish_closed';
    if (clock === undefined || clock.source !== sourceOf(leaf.object)) return 'finish_unassigned';
    if (clock.holder !== leaf.actor.id) return 'finish_person';
    if (ended.has(clock.source)) return 'finish_closed';
    if (leaf.action === 'grant.done' && clock.waits) return 'finish_unheard';
    return now <= clock.due + GRACE_MS ? null : 'finish_late';
  };

  /** The rows of sessions among the events that came back were lost: no end can follow. */
  const restore = ({ leaf: { object } }: At): null => {
    const [from, to] = [Number(object['from']), Number(object['to'])];
    for (const [id, { seq }] of sessions) if (seq >= from && seq <= to) sessions.delete(id);
    return null;
  };

  /** Nothing but a late event can follow on such a grant, and it is late still. */
  const sweep = (now: number): void => {
    for (const [id, clock] of grants)
      if (typeof clock === 'object' && Math.max(clock.ends + clock.extension, clock.due) + LATE_MS < now)
        grants.set(id, 'session_late');
  };

  const follow = new Map<string, (at: At) => FindingCode | null>([
    ['grant.extended', extend],
    ['grant.revoked', endGrant],
    ['grant.expired', endGrant],
    ['batch.withdrawn', endBatch],
    ['batch.closed', endBatch],
    ['grant.done', finish],
    ['grant.returned', finish],
    ['session.opened', open],
    ['session.ended', end],
    ['log.restored', restore],
  ]);
  return {
    approve,
    assign,
    check: (at) => {
      const code = follow.get(at.leaf.action)?.(at) ?? null;
      if (code !== null) at.find(code);
      const to = correctedTo(at);
      if (to !== null) rounds.correct(to);
      rounds.learn(at.leaf, at.now);
      swept = Math.min(swept, to ?? swept);
      events++;
      if (events % SWEEP_EVENTS !== 0) return;
      // By the time of the sweep before: a clock that was wrong for less drops none.
      sweep(swept);
      swept = at.now;
    },
    unended: (now) => {
      const late = [...sessions].filter(([, session]) => now > endOf(session) + LATE_MS);
      const isLeft = ([, session]: (typeof late)[number]): boolean => rounds.worked(endOf(session), now);
      return {
        findings: late.filter(isLeft).map(([id, { seq }]) => ({ seq, code: 'session_unended', id })),
        notices: late.filter((one) => !isLeft(one)).map(([id, { seq }]) => ({ seq, code: 'ended_late', id, count: 1 })),
      };
    },
  };
}

function givenBy(object: Leaf['object']): Pick<Clock, 'extension' | 'uses' | 'heard'> {
  const extension = Number(object['extend_minutes'] ?? 0) * MINUTE_MS;
  return { extension, uses: Number(object['uses'] ?? MOST_USES), heard: 0 };
}

/** An extension moves the end of live sessions too. */
function endOf({ ends, grant }: Open): number {
  return grant?.extended === true ? Math.max(ends, grant.ends) : ends;
}

/** What an event says that a grant belongs to. The id of a request in the place of a batch's is another source. */
function sourceOf({ request, batch }: Leaf['object']): string {
  return request === undefined ? `batch ${batch}` : `request ${request}`;
}
