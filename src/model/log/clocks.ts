// The part of the log's check that follows clocks: which wrong one was put right, by whom, and what it left; and which
// clock found recordings old enough to erase.
import { type At, correctedTo, GRACE_MS, MINUTE_MS } from './at.ts';
import type { AuditAction } from './event-catalogue.ts';
import type { Notice } from './finding.ts';

/** A clock is judged for so long before it erases by age. */
const LEAST_JUDGED_MS = 10 * MINUTE_MS;

/** What matters of a wrong time: access that began in it, and erasures. */
const LEFT: ReadonlySet<string> = new Set<AuditAction>([
  ...(['access.approved', 'access.assigned', 'session.opened', 'recording.erasing'] as const),
]);

type Copies = { readonly correction: (id: string, from: string, to: number) => 'there' | 'missing' | 'unknown' };

export type Clocks = {
  readonly check: (at: At) => void;
  /** What wrong clocks left in the log. */
  readonly notices: () => readonly Notice[];
};

/**
 * A check that two people decided what put the clock of this tenant's log right, by the deployment's log; and that what
 * erased by age says since when its clock was judged, once any event of the log says it. Takes every event with the outcome
 * `ok`.
 */
export function clocksOf(name: string, deployment: Copies | undefined): Clocks {
  const isDeployment = name.endsWith('/deployment');
  const left: { readonly seq: number; readonly id: string; readonly at: number }[] = [];
  const notices: Notice[] = [];
  let saysSince = false;

  const correct = ({ leaf: { object }, find, note }: At, to: number): void => {
    note('clock_corrected');
    const wrong = left.filter(({ at }) => at > to + GRACE_MS);
    const [first] = wrong;
    if (first !== undefined) notices.push({ seq: first.seq, code: 'wrong_time', id: first.id, count: wrong.length });
    // Only once for each.
    left.length = 0;
    if (isDeployment) return;
    const copy = deployment?.correction(object.id, String(object['from']), to) ?? 'unknown';
    if (copy === 'missing') find('clock_not_by_two');
    if (copy === 'unknown') note('copy_unchecked');
  };

  const erase = ({ leaf: { object }, now, find }: At): void => {
    const since = object['clock_since'];
    saysSince ||= since !== undefined;
    // What two people decided about these recordings does not depend on their age.
    const isByAge =
      object['change'] === undefined && (object['cause'] !== undefined || object['reason'] === 'retention');
    // Written so that a time that cannot be read is a finding.
    if (isByAge && saysSince && !(now - Date.parse(String(since)) >= LEAST_JUDGED_MS)) find('age_untrusted');
  };

  return {
    check: (at) => {
      const { action, seq, object } = at.leaf;
      if (action === 'recording.erasing') erase(at);
      if (LEFT.has(action)) left.push({ seq, id: object.id, at: at.now });
      const to = correctedTo(at);
      if (to !== null) correct(at, to);
    },
    notices: () => notices,
  };
}
