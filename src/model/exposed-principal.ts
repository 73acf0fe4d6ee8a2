// Exposure of a principal, or of one of its API keys: what it heard, could have heard, and read about.
import { type ExposedSession, type LiveGrant, readGrants, readSessions } from './exposed-sessions.ts';
import { type Affected, affect, member, type Period, type Reading, type Way, windowed } from './exposure.ts';
import type { Leaf } from './leaf.ts';

/** What of the catalogue was read: looks at one recording, searches, pages of the list. */
export type MetadataRead = { readonly looks: number; readonly searches: number; readonly pages: number };

export type PrincipalExposure = {
  readonly affected: Affected;
  readonly sessions: readonly ExposedSession[];
  /** Live in the period, and nothing was opened on them in it. */
  readonly unused: readonly LiveGrant[];
  readonly metadata: MetadataRead;
  /** Events of the principal that do not say which key was presented: they count for each of its keys. */
  readonly keyless: number;
  /** Sessions opened with another key of the same principal: whoever knows their ids could use them with this one. */
  readonly otherKeys: number;
};

/** Reads what a principal did; with an API key, what was done with that key or does not say with which. */
export function readPrincipal(period: Period, principal: string, apiKey: string | null): Reading<PrincipalExposure> {
  const isTheirs = (leaf: Leaf): boolean =>
    leaf.actor.id === principal && (apiKey === null || ['', apiKey].includes(member(leaf, 'api_key')));
  const sessions = readSessions(period, isTheirs);
  const others = readSessions(period, (leaf) => leaf.actor.id === principal && !isTheirs(leaf));
  const grants = readGrants(period, principal);
  const looks: string[] = [];
  const pages = windowed();
  let [searches, keyless] = [0, 0];
  let revoked = false;
  return {
    take: (leaf) => {
      if (leaf.ts > period.until || leaf.outcome !== 'ok') return;
      if (leaf.action === 'api_key.revoked' && leaf.object.id === apiKey) revoked = true;
      // A key that is revoked opens nothing: what it had opened may still end.
      if (revoked && leaf.action !== 'session.ended') return;
      for (const reading of [sessions, others, grants]) reading.take(leaf);
      if (leaf.ts < period.since || !isTheirs(leaf)) return;
      if (leaf.action === 'recording.read') looks.push(leaf.object.id);
      if (leaf.action === 'recording.searched') searches++;
      if (leaf.action === 'catalogue.read') pages.add(leaf);
      const telling = ['session.opened', 'recording.read', 'recording.searched', 'catalogue.read'].includes(
        leaf.action,
      );
      if (telling && member(leaf, 'api_key') === '') keyless++;
    },
    told: () => {
      const heard = sessions.told();
      const unused = grants.told().filter(({ grant }) => !heard.some((session) => session.grant === grant));
      const affected = new Map<string, Set<Way>>();
      for (const { recording } of heard) affect(affected, recording, 'session');
      for (const { recording } of unused) affect(affected, recording, 'grant');
      for (const recording of looks) affect(affected, recording, 'metadata');
      const metadata = { looks: looks.length, searches, pages: pages.total() };
      return { affected, sessions: heard, unused, metadata, keyless, otherKeys: others.told().length };
    },
  };
}
