// The part of the log's check that follows copies for recorded people: who makes them, until when, of what, and how often.
import { type At, GRACE_MS } from './at.ts';
import type { FindingCode } from './finding.ts';
import { listed } from './leaf.ts';

/** The longest time, in hours, for which copies can be made: the program that checks a log stands alone. */
const MOST_HOURS = 72;
const HOUR_MS = 3_600_000;

/** The copies that a change approves. `heard`: the sessions on each recording; each download opens one. */
type Copies = {
  readonly request: string;
  readonly officer: string;
  readonly downloads: number;
  readonly ends: number;
  readonly heard: Map<string, number>;
  isOver: boolean;
};

export type CopiesCheck = {
  readonly check: (at: At) => void;
  /** What is wrong with a session for copies on this change, which two people approved; null for nothing. */
  readonly faultOf: (at: At, change: string) => FindingCode | null;
};

/**
 * A check that copies are made by the officer whom two people named, of the recordings that they approved, no later than
 * they said, no more often, and not after the answer, another decision, a restriction or a withdrawal. Decisions of
 * versions before name none of this: sessions on them are a notice, and a finding once the log has an approval of copies.
 */
export function copiesOf(): CopiesCheck {
  const approved = new Map<string, Copies>();

  const endAll = (isTheirs: (copies: Copies, change: string) => boolean): void => {
    for (const [change, copies] of approved) if (isTheirs(copies, change)) copies.isOver = true;
  };

  const approve = ({ leaf: { object }, now }: At): void => {
    const change = String(object['change']);
    endAll(({ request }, other) => request === object.id && other !== change);
    const known = approved.get(change);
    const copies = known ?? {
      ...{ request: object.id, officer: String(object['officer']), downloads: Number(object['downloads']) },
      ends: now + Math.min(Number(object['hours']), MOST_HOURS) * HOUR_MS,
      ...{ heard: new Map<string, number>(), isOver: false },
    };
    for (const recording of listed(object['recordings'])) copies.heard.set(recording, 0);
    approved.set(change, copies);
  };

  const endOf = ({ leaf: { object } }: At): void =>
    endAll(({ request }, change) => request === object.id && change === object['proposal']);

  const narrow = ({ leaf: { object } }: At): void => endAll(({ heard }) => heard.has(object.id));

  const amend = (at: At): void => {
    const { object } = at.leaf;
    const set = listed(object['set']);
    if (object['withdrawal'] !== undefined || set.includes('asked') || set.includes('restricted')) narrow(at);
  };

  const follow = new Map<string, (at: At) => void>([
    ['subject.copies', approve],
    ['subject.copies_ended', endOf],
    ['subject.answered', ({ leaf: { object } }) => endAll(({ request }) => request === object.id)],
    ['recording.restricted', narrow],
    ['recording.amended', amend],
  ]);
  return {
    check: (at) => follow.get(at.leaf.action)?.(at),
    faultOf: ({ leaf: { object, actor }, now, note }, change) => {
      const copies = approved.get(change);
      if (copies === undefined) {
        if (approved.size > 0) return 'session_unapproved';
        note('copies_unbounded');
        return null;
      }
      if (copies.officer !== actor.id) return 'session_person';
      const recording = String(object['recording']);
      const heard = copies.heard.get(recording);
      if (heard === undefined) return 'session_recording';
      if (copies.isOver) return 'session_revoked';
      copies.heard.set(recording, heard + 1);
      // Written so that a time that cannot be read is a finding.
      const isTimely = now <= copies.ends + GRACE_MS && Date.parse(String(object['ends'])) <= copies.ends + GRACE_MS;
      if (!isTimely) return 'session_late';
      return heard < copies.downloads ? null : 'session_uses';
    },
  };
}
