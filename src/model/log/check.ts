// The log's check, for every program that checks one: contiguity, leaf hashes and meaning, event by event. Pure: the caller computes SHA-256.
import { correctedTo } from './at.ts';
import type { DeploymentLog } from './deployment-copies.ts';
import type { AuditAction } from './event-catalogue.ts';
import type { Find, Finding, Note, Notice, NoticeCode } from './finding.ts';
import { belongsIn, hasItsMembers, isLeafV1 } from './form.ts';
import { type Leaf, readLeaf } from './leaf.ts';
import { type Besides, meaningOf } from './meaning.ts';
import type { ProofSettings } from './proof-check.ts';

const OPENED: AuditAction = 'session.opened';
const ADOPTED: AuditAction = 'log.adopted';

/** So many findings are kept; further ones are counted. */
const MOST_FINDINGS = 10_000;

/** An event as it is stored: its index, the exact bytes of its leaf, and the hash that the log holds for it. */
export type HashedLeaf = { readonly seq: number; readonly leaf: Uint8Array; readonly hash: Uint8Array };

/**
 * Which events a check is given: the whole log from its first event on, a stretch without gaps from any index on, or a
 * selection by a filter. Meaning is checked only over the whole log, gaps not in a selection.
 */
export type Extent = 'whole' | 'stretch' | 'selection';

type Place = { readonly index: number; readonly at: string | null };

/**
 * What was checked so far, in order of the events. `listens`: sessions opened, counted over the whole log only. `more`:
 * findings beyond those that are kept.
 */
export type LogChecked = {
  readonly count: number;
  readonly first: Place | null;
  readonly last: Place | null;
  readonly listens: number;
  readonly findings: readonly Finding[];
  readonly more: number;
  readonly notices: readonly Notice[];
};

/** A check that is given its events in order. */
export type LogCheck = {
  /** Checks the next event. `computed`: the SHA-256 of its `leafInput`. Returns its leaf; null where it is none. */
  readonly add: (event: HashedLeaf, computed: Uint8Array) => Leaf | null;
  readonly checked: () => LogChecked;
  /** What the deployment's log has for the checks of its tenants' logs. */
  readonly operators: DeploymentLog;
};

/**
 * A check of the log with this name (`<origin>/<ten_…>` or `<origin>/deployment`). Without `proofs`, signatures of
 * passkeys and digests are not checked.
 */
export function createLogCheck(
  name: string,
  extent: Extent,
  proofs?: ProofSettings,
  { policies: bodies, deployment }: Besides = {},
): LogCheck {
  const findings: Finding[] = [];
  const notices = new Map<NoticeCode, Notice>();
  let more = 0;
  const report = (finding: Finding): void => {
    if (findings.length < MOST_FINDINGS) findings.push(finding);
    else more++;
  };
  let [count, listens, time, isNew] = [0, 0, '', false];
  /** By how much indexes are shifted: an event that was taken out is reported once. */
  let shift = 0;
  let first: Place | null = null;
  let last: Place | null = null;
  // Of the event that is being checked: one function reports for all of them.
  let seq = 0;
  let id: string | null = null;
  const find: Find = (code) => report({ seq, code, id });
  /** Of the events that came back to this log, not of the one that says so. */
  const noteRestored = ({ object }: Leaf): void => {
    const [from, to] = [Number(object['from']), Number(object['to'])];
    const count = (notices.get('restored')?.count ?? 0) + to - from + 1;
    notices.set('restored', { seq: from, code: 'restored', id: object.id, count });
  };
  const note: Note = (code) => {
    const { seq: from, id: about, count: known } = notices.get(code) ?? { seq, id: id ?? '', count: 0 };
    notices.set(code, { seq: from, code, id: about, count: known + 1 });
  };
  const meaning = meaningOf(name, report, proofs, {
    ...(bodies && { policies: bodies }),
    ...(deployment && { deployment }),
  });

  const add = (event: HashedLeaf, computed: Uint8Array): Leaf | null => {
    const leaf = readLeaf(event.leaf);
    const expected = last === null ? (extent === 'whole' ? 0 : event.seq) : last.index + 1;
    seq = event.seq;
    id = leaf?.object.id ?? null;
    last = { index: seq, at: leaf?.ts ?? null };
    first ??= last;
    count++;
    if (!isSame(event.hash, computed)) find('hash');
    if (extent !== 'selection' && seq !== expected) find('gap');
    if (leaf === null || !isLeafV1(event.leaf, leaf)) {
      find('form');
      return null;
    }
    const isElsewhere = extent === 'whole' && !belongsIn(name, leaf);
    if (leaf.log !== name || leaf.seq !== seq + shift || isElsewhere) find('place');
    if (extent !== 'selection') shift = leaf.seq - seq;
    const now = Date.parse(leaf.ts);
    if (leaf.ts < time && correctedTo({ leaf, now }) === null) find('time');
    time = leaf.ts;
    // What does not belong here, or lacks what its meaning needs, is found, and counts for nothing else.
    if (extent !== 'whole' || isElsewhere) return leaf;
    if (isNew && !hasItsMembers(leaf)) {
      find('form');
      return leaf;
    }
    if (leaf.action === OPENED && leaf.outcome === 'ok') listens++;
    if (leaf.action === 'log.restored' && name.endsWith(`/${leaf.object.id}`)) noteRestored(leaf);
    meaning.check({ leaf, now, hash: computed, isNew, find, note });
    if (leaf.action === ADOPTED) isNew = true;
    return leaf;
  };

  return {
    add,
    operators: meaning.operators,
    checked: () => {
      const atEnd = extent === 'whole' ? meaning.atEnd(Date.parse(time)) : { findings: [], notices: [] };
      // What a proof covers is known at its last decision, and what has no end at the log's.
      const all = [...findings, ...atEnd.findings].sort((a, b) => a.seq - b.seq);
      return {
        count,
        first,
        last,
        listens,
        findings: all,
        more,
        notices: together([...notices.values(), ...atEnd.notices]),
      };
    },
  };
}

/**
 * Checks a log from its first event on; `leafHash` computes the SHA-256 of a leaf's `leafInput`. Findings are in order of
 * the events; none means that indices are contiguous, every leaf has its hash, times go back only where a clock was put
 * right, and each listening
 * session was opened by the person of a request that another person had approved, on a recording that was not erased, by
 * credentials that were theirs; with `proofs`, also that decisions in the browser were signed by passkeys.
 */
export function checkLog(
  name: string,
  events: Iterable<HashedLeaf>,
  leafHash: (leaf: Uint8Array) => Uint8Array,
  proofs?: ProofSettings,
): readonly Finding[] {
  const check = createLogCheck(name, 'whole', proofs);
  for (const event of events) check.add(event, leafHash(event.leaf));
  return check.checked().findings;
}

/** Each notice once, of all its events. */
function together(all: readonly Notice[]): readonly Notice[] {
  const byCode = new Map<NoticeCode, Notice>();
  for (const one of all) {
    const known = byCode.get(one.code);
    byCode.set(one.code, known === undefined ? one : { ...known, count: known.count + one.count });
  }
  return [...byCode.values()];
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
