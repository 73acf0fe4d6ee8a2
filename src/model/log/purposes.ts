// The part of the log's check that follows restrictions and withdrawals of consent: which purposes a recording is heard for.
import { type At, correctedTo, GRACE_MS } from './at.ts';
import { listed } from './leaf.ts';

/** Purposes that neither a restriction nor a withdrawal forbids: the law itself asks for them. */
const ALWAYS: ReadonlySet<string> = new Set(['legal', 'subject-request']);

/** What a recording is not heard for, and since when, in milliseconds. `purposes` empty: all. */
type Forbidden = { readonly since: number; readonly purposes: readonly string[] };

export type Purposes = { readonly check: (at: At) => void };

/**
 * A check that no session is opened for a purpose that a restriction, or a withdrawal of consent that reached the recording,
 * forbids. It judges by events alone: an amendment of the basis may be new consent, and an entry that a replay brought back may
 * be anything, so from either on nothing is known until the next restriction or withdrawal.
 */
export function purposesOf(): Purposes {
  const restricted = new Map<string, Forbidden>();
  const withdrawn = new Map<string, readonly Forbidden[]>();
  const withdrawals = new Map<string, readonly string[]>();

  const amend = ({ leaf: { object }, now }: At): void => {
    const { id } = object;
    const purposes = withdrawals.get(String(object['withdrawal']));
    if (purposes !== undefined) withdrawn.set(id, [...(withdrawn.get(id) ?? []), { since: now, purposes }]);
    else if (listed(object['set']).includes('basis')) withdrawn.delete(id);
    // By an answer to the subject: what they asked to be erased is only stored until then.
    const isNarrowed = listed(object['set']).some((name) => name === 'asked' || name === 'restricted');
    if (isNarrowed) restricted.set(id, { since: now, purposes: [] });
  };

  const open = ({ leaf: { object }, now, find }: At): void => {
    const [recording, purpose] = [String(object['recording']), object['purpose']];
    if (typeof purpose !== 'string' || ALWAYS.has(purpose)) return;
    const all = [restricted.get(recording) ?? [], withdrawn.get(recording) ?? []].flat();
    const isForbidden = ({ since, purposes }: Forbidden): boolean =>
      now > since + GRACE_MS && (purposes.length === 0 || purposes.includes(purpose));
    if (all.some(isForbidden)) find('session_forbidden');
  };

  const follow = new Map<string, (at: At) => void>([
    [
      'recording.restricted',
      ({ leaf: { object }, now }) => void restricted.set(object.id, { since: now, purposes: [] }),
    ],
    ['recording.unrestricted', ({ leaf: { object } }) => void restricted.delete(object.id)],
    ['consent.withdrawn', ({ leaf: { object } }) => void withdrawals.set(object.id, listed(object['purposes']))],
    ['recording.amended', amend],
    [
      'amendment.replayed',
      ({ leaf: { object } }) => {
        restricted.delete(object.id);
        withdrawn.delete(object.id);
      },
    ],
    ['session.opened', open],
  ]);
  const correct = (to: number): void => {
    const earlier = (one: Forbidden): Forbidden => ({ ...one, since: Math.min(one.since, to) });
    for (const [id, one] of restricted) restricted.set(id, earlier(one));
    for (const [id, all] of withdrawn) withdrawn.set(id, all.map(earlier));
  };

  return {
    check: (at) => {
      const to = correctedTo(at);
      if (to !== null) correct(to);
      follow.get(at.leaf.action)?.(at);
    },
  };
}
