// Whether the log has what shortens the life of a recording: new rules, withdrawals of consent, answers to subject requests,
// the lifting of a hold.
import { canonicalDigest } from '../../../bytes/canonical-json.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Facts } from '../../../model/facts.ts';
import type { AuditAction } from '../../../model/log/event-catalogue.ts';
import { type Leaf, readLeaf } from '../../../model/log/leaf.ts';
import type { RulesInForce } from '../../../model/retention/lifetime.ts';
import type { SubjectOutcome } from '../../../model/subject/request.ts';
import { findEventNear } from '../log-reading/find-event.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** Events that say two people decided a change. */
const DECIDED: ReadonlySet<string> = new Set<AuditAction>(['change.approved', 'change.applied']);

/** Outcomes after which a recording goes as soon as nothing keeps it. */
const ENDING: ReadonlySet<string> = new Set<SubjectOutcome>(['erase', 'later', 'held']);

/** What this process has found in the log, which only grows: by tenant's key, so that it goes when the key does. */
const found = new WeakMap<SecretKey, Set<string>>();

export type LogEvidence = {
  /** `retention.changed` of this version, with the digest of these rules. */
  readonly ofRules: (version: RulesInForce) => Promise<boolean>;
  /** The wish of the facts: a withdrawal of all purposes, or an answer that two people decided and that is about it. */
  readonly ofWish: (recording: string, facts: Facts, changes: readonly string[]) => Promise<boolean>;
  /** The lifting of a hold, as its entry names it, by a change that two people decided or by an operator alone. */
  readonly ofLift: (hold: string, entry: { readonly at: string; readonly digest: string }) => Promise<boolean>;
};

/** The evidence in one tenant's log. What was found is not looked for again. */
export function logEvidence(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  metadataKey: SecretKey,
  request: RequestContext,
): LogEvidence {
  const known = found.get(metadataKey) ?? new Set<string>();
  found.set(metadataKey, known);
  const once = async (name: string, look: () => Promise<boolean>): Promise<boolean> => {
    if (known.has(name)) return true;
    const is = await look();
    if (is) known.add(name);
    return is;
  };
  // A log that a rebuild began has nothing of before: there the entries count by their MACs.
  const isBeforeLog = async (time: string): Promise<boolean> => {
    const [first] = await vault.db.read(({ log }) => log.events(tenant, 0, 1), request);
    return first === undefined || time < (readLeaf(first.leaf)?.ts ?? '');
  };
  const near = async (time: string, isWanted: (leaf: Leaf) => boolean): Promise<boolean> =>
    (await findEventNear(vault, tenant, time, isWanted, request)) !== null || (await isBeforeLog(time));

  const isDecided = (change: string, kind: string): Promise<boolean> =>
    once(`${kind} ${change}`, async () => {
      const row = await vault.db.read(({ changes }) => changes.find(tenant, change), request);
      if (row?.decided == null) return false;
      return near(
        row.decided,
        ({ action, object }) => DECIDED.has(action) && object.id === change && object['kind'] === kind,
      );
    });

  const isWithdrawn = (at: string): Promise<boolean> =>
    once(`withdrawn ${at}`, async () => {
      const row = await vault.db.read(({ consent }) => consent.withdrawalAt(tenant, at), request);
      if (row === null || row.purposes.length > 0) return false;
      const { id, created } = row;
      return near(
        created,
        ({ action, object }) =>
          action === 'consent.withdrawn' && object.id === id && object['at'] === at && object['purposes'] === undefined,
      );
    });

  /** The change that decided the request says so of this recording. */
  const isAsked = async (recording: string, id: string, changes: readonly string[]): Promise<boolean> => {
    const { row, match } = await vault.db.read(
      async ({ subjects }) => ({
        row: await subjects.find(tenant, id),
        match: await subjects.match(tenant, id, recording),
      }),
      request,
    );
    if (row === null || !ENDING.has(match?.outcome ?? '')) return false;
    for (const change of new Set([...changes, ...(row.change === null ? [] : [row.change])]))
      if (await isDecided(change, 'answer')) return true;
    return false;
  };

  return {
    ofRules: ({ id, since, rules }) =>
      once(`rules ${id}`, () =>
        near(
          since,
          ({ action, object }) =>
            action === 'retention.changed' && object.id === id && object['sha256'] === canonicalDigest(rules as never),
        ),
      ),
    ofWish: async (recording, { asked, basis }, changes) => {
      if (asked !== undefined && (await isAsked(recording, asked.request, changes))) return true;
      const { withdrawn } = basis;
      return basis.kind === 'consent' && withdrawn?.purposes.length === 0 && isWithdrawn(withdrawn.at);
    },
    ofLift: (hold, { at, digest }) =>
      once(`lift ${digest}`, async () => {
        const isIt = ({ action, object }: Leaf): boolean =>
          action === 'hold.lifted' && object.id === hold && object['entry'] === digest;
        const leaf = await findEventNear(vault, tenant, at, isIt, request);
        if (leaf === null) return isBeforeLog(at);
        const { change } = leaf.object;
        return leaf.object['alone'] !== undefined || (typeof change === 'string' && isDecided(change, 'lift'));
      }),
  };
}
