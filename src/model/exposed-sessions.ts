// Exposure by listening: sessions from their opening and closing events, and unused grants.
import { type LogCollector, type Period, textMemberOf } from './exposure.ts';
import type { Leaf } from './log/leaf.ts';

/** A session that was live in the period. Its counts cover the whole session. */
export type ExposedSession = {
  readonly session: string;
  readonly recording: string;
  /** The grant; of a session for copies, the change that approved them. */
  readonly grant: string;
  readonly principal: string;
  /** Where it was opened. */
  readonly node: string;
  readonly opened: string;
  /** Its end; for an open session the end of the period or of the grant, whichever comes first. */
  readonly until: string;
  /** True where the log has no end in the period: its counts are not known yet. */
  readonly open: boolean;
  readonly ranges: number | null;
  readonly bytes: number | null;
  /** How long it was open. */
  readonly seconds: number;
};

/** Sessions opened by events that match `isTheirs` and live in the period. Ignores an end without such an opening. */
export function sessionCollector(
  period: Period,
  isTheirs: (opened: Leaf) => boolean,
): LogCollector<readonly ExposedSession[]> {
  const sessions = new Map<string, { readonly opened: Leaf; ended?: Leaf }>();
  /** New ends of grants that were extended. */
  const extended = new Map<string, string>();
  const endOf = (opened: Leaf): string => {
    const ends = extended.get(textMemberOf(opened, 'grant')) ?? textMemberOf(opened, 'ends');
    return ends !== '' && ends < period.until ? ends : period.until;
  };
  return {
    add: (leaf) => {
      if (leaf.action === 'session.opened' && isTheirs(leaf)) sessions.set(leaf.object.id, { opened: leaf });
      if (leaf.action === 'grant.extended') extended.set(leaf.object.id, textMemberOf(leaf, 'expires'));
      const session = leaf.action === 'session.ended' ? sessions.get(leaf.object.id) : undefined;
      if (session === undefined) return;
      if (leaf.ts < period.since) sessions.delete(leaf.object.id);
      else session.ended = leaf;
    },
    result: () =>
      [...sessions.values()]
        // A session serves nothing after the end of its grant, even before the log has its end.
        .filter(({ opened, ended }) => ended !== undefined || endOf(opened) >= period.since)
        .map(({ opened, ended }) => exposed(opened, ended, ended?.ts ?? endOf(opened))),
  };
}

function exposed(opened: Leaf, ended: Leaf | undefined, until: string): ExposedSession {
  return {
    session: opened.object.id,
    recording: textMemberOf(opened, 'recording'),
    grant: textMemberOf(opened, 'grant') || textMemberOf(opened, 'change'),
    principal: opened.actor.id,
    node: opened.node,
    opened: opened.ts,
    until,
    open: ended === undefined,
    ranges: ended === undefined ? null : Number(ended.object['ranges']),
    bytes: ended === undefined ? null : Number(ended.object['bytes']),
    seconds: Math.round((Date.parse(until) - Date.parse(opened.ts)) / 1000),
  };
}

/** A grant that was live in the period. */
export type LiveGrant = {
  readonly grant: string;
  readonly recording: string;
  readonly approved: string;
  /** When it was revoked, or expires: at the end of its window without a listen. */
  readonly until: string;
};

const ENDS: ReadonlySet<string> = new Set(['grant.revoked', 'grant.expired', 'grant.done', 'grant.returned']);

/** Grants of a person's requests, and assigned ones, that were live in the period, used or not. */
export function grantCollector(period: Period, person: string): LogCollector<readonly LiveGrant[]> {
  const ownRequests = new Set<string>();
  const grants = new Map<string, LiveGrant>();
  const move = (grant: string, until: string): void => {
    const known = grants.get(grant);
    if (known !== undefined && until !== '') grants.set(grant, { ...known, until });
  };
  return {
    add: (leaf) => {
      const { action, object } = leaf;
      if (action === 'access.requested' && leaf.actor.id === person) ownRequests.add(object.id);
      const grant = textMemberOf(leaf, 'grant');
      if (action === 'access.approved' && grant !== '' && ownRequests.has(object.id)) {
        const recording = textMemberOf(leaf, 'recording');
        grants.set(grant, { grant, recording, approved: leaf.ts, until: textMemberOf(leaf, 'expires') });
      }
      if (action === 'access.assigned' && textMemberOf(leaf, 'person') === person) {
        const [recording, until] = [textMemberOf(leaf, 'recording'), textMemberOf(leaf, 'opens_until')];
        grants.set(object.id, { grant: object.id, recording, approved: leaf.ts, until });
      }
      // The first listen starts the clock, which may be extended.
      if (action === 'session.opened') move(grant, textMemberOf(leaf, 'ends'));
      if (action === 'grant.extended') move(object.id, textMemberOf(leaf, 'expires'));
      const over = ENDS.has(action) ? grants.get(object.id) : undefined;
      if (over !== undefined && leaf.ts < over.until) grants.set(over.grant, { ...over, until: leaf.ts });
    },
    result: () => [...grants.values()].filter(({ until }) => until > period.since),
  };
}
