// Exposure by listening: sessions as their opening and their end tell of them, and grants that nobody used yet.
import { type LogCollector, type Period, textMemberOf } from './exposure.ts';
import type { Leaf } from './log/leaf.ts';

/** A session that was live in the period. Its counts are those of all of it. */
export type ExposedSession = {
  readonly session: string;
  readonly recording: string;
  readonly grant: string;
  readonly principal: string;
  /** Where it was opened. */
  readonly node: string;
  readonly opened: string;
  /** Its end, or for an open one the end of the period or of the grant, whichever comes first. */
  readonly until: string;
  /** The log has no end of it in the period: what was heard is not counted yet. */
  readonly open: boolean;
  readonly ranges: number | null;
  readonly bytes: number | null;
  /** How long it was open. */
  readonly seconds: number;
};

/** Sessions whose opening `isTheirs` that were live in the period. An end without such an opening is nobody's. */
export function sessionCollector(
  period: Period,
  isTheirs: (opened: Leaf) => boolean,
): LogCollector<readonly ExposedSession[]> {
  const sessions = new Map<string, { readonly opened: Leaf; ended?: Leaf }>();
  return {
    add: (leaf) => {
      if (leaf.action === 'session.opened' && isTheirs(leaf)) sessions.set(leaf.object.id, { opened: leaf });
      const session = leaf.action === 'session.ended' ? sessions.get(leaf.object.id) : undefined;
      if (session === undefined) return;
      if (leaf.ts < period.since) sessions.delete(leaf.object.id);
      else session.ended = leaf;
    },
    result: () =>
      [...sessions.values()]
        // At the end of its grant nothing more is told, whether or not its end is written yet.
        .filter(({ opened, ended }) => ended !== undefined || endOf(opened, period) >= period.since)
        .map(({ opened, ended }) => exposed(opened, ended, period)),
  };
}

function endOf(opened: Leaf, { until }: Period): string {
  const ends = textMemberOf(opened, 'ends');
  return ends !== '' && ends < until ? ends : until;
}

function exposed(opened: Leaf, ended: Leaf | undefined, period: Period): ExposedSession {
  const until = ended?.ts ?? endOf(opened, period);
  return {
    session: opened.object.id,
    recording: textMemberOf(opened, 'recording'),
    grant: textMemberOf(opened, 'grant'),
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
  /** When it was revoked, or expires. */
  readonly until: string;
};

/** Grants of a person's own requests that were live in the period, used or not. */
export function grantCollector(period: Period, person: string): LogCollector<readonly LiveGrant[]> {
  const asked = new Set<string>();
  const grants = new Map<string, LiveGrant>();
  return {
    add: (leaf) => {
      const { action, object } = leaf;
      if (action === 'access.requested' && leaf.actor.id === person) asked.add(object.id);
      const grant = textMemberOf(leaf, 'grant');
      if (action === 'access.approved' && grant !== '' && asked.has(object.id)) {
        const recording = textMemberOf(leaf, 'recording');
        grants.set(grant, { grant, recording, approved: leaf.ts, until: textMemberOf(leaf, 'expires') });
      }
      const over = action === 'grant.revoked' || action === 'grant.expired' ? grants.get(object.id) : undefined;
      if (over !== undefined && leaf.ts < over.until) grants.set(over.grant, { ...over, until: leaf.ts });
    },
    result: () => [...grants.values()].filter(({ until }) => until > period.since),
  };
}
