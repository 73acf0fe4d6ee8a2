// Exposure of a principal, or of one of its API keys: what it listened to, could have listened to, and read.
import { type ExposedSession, grantCollector, type LiveGrant, sessionCollector } from './exposed-sessions.ts';
import {
  type AffectedRecordings,
  addAffected,
  type ExposureWay,
  type LogCollector,
  type Period,
  textMemberOf,
  windowCounter,
} from './exposure.ts';
import type { Leaf } from './log/leaf.ts';

/** Reads of the catalogue: views of one recording, searches, list pages. */
export type MetadataRead = { readonly looks: number; readonly searches: number; readonly pages: number };

export type PrincipalExposure = {
  readonly affected: AffectedRecordings;
  readonly sessions: readonly ExposedSession[];
  /** Grants that were live and unused in the period. */
  readonly unused: readonly LiveGrant[];
  readonly metadata: MetadataRead;
  /** Events of the principal that do not name the presented key: they count for each of its keys. */
  readonly keyless: number;
  /** Sessions opened with another key of the same principal: anyone who knows their ids could use them with this key. */
  readonly otherKeys: number;
};

/** Collects the exposure of a principal. For an API key: events of that key, and events that name none. */
export function principalExposureCollector(
  period: Period,
  principal: string,
  apiKey: string | null,
): LogCollector<PrincipalExposure> {
  const isTheirs = (leaf: Leaf): boolean =>
    leaf.actor.id === principal && (apiKey === null || ['', apiKey].includes(textMemberOf(leaf, 'api_key')));
  const sessions = sessionCollector(period, isTheirs);
  const others = sessionCollector(period, (leaf) => leaf.actor.id === principal && !isTheirs(leaf));
  const grants = grantCollector(period, principal);
  const looks: string[] = [];
  const pages = windowCounter();
  let [searches, keyless] = [0, 0];
  let revoked = false;
  return {
    add: (leaf) => {
      if (leaf.ts > period.until || leaf.outcome !== 'ok') return;
      if (leaf.action === 'api_key.revoked' && leaf.object.id === apiKey) revoked = true;
      // A revoked key opens no new session, but its open ones end later.
      if (revoked && leaf.action !== 'session.ended') return;
      for (const reading of [sessions, others, grants]) reading.add(leaf);
      if (leaf.ts < period.since || !isTheirs(leaf)) return;
      if (leaf.action === 'recording.read') looks.push(leaf.object.id);
      if (leaf.action === 'recording.searched') searches++;
      if (leaf.action === 'catalogue.read') pages.add(leaf);
      const telling = ['session.opened', 'recording.read', 'recording.searched', 'catalogue.read'].includes(
        leaf.action,
      );
      if (telling && textMemberOf(leaf, 'api_key') === '') keyless++;
    },
    result: () => {
      const heard = sessions.result();
      const unused = grants.result().filter(({ grant }) => !heard.some((session) => session.grant === grant));
      const affected = new Map<string, Set<ExposureWay>>();
      for (const { recording } of heard) addAffected(affected, recording, 'session');
      for (const { recording } of unused) addAffected(affected, recording, 'grant');
      for (const recording of looks) addAffected(affected, recording, 'metadata');
      const metadata = { looks: looks.length, searches, pages: pages.total() };
      return { affected, sessions: heard, unused, metadata, keyless, otherKeys: others.result().length };
    },
  };
}
