// The log's check, for every program that checks one: contiguity, leaf hashes and meaning, event by event. Pure: the caller computes SHA-256.
import { actorCheck } from './actors.ts';
import { credentialCheck } from './credentials.ts';
import type { AuditAction } from './event-catalogue.ts';
import type { Find, Finding, Notice } from './finding.ts';
import { type Leaf, readLeaf } from './leaf.ts';
import { meaningCheck } from './meaning.ts';
import { type ProofSettings, proofCheck } from './proof-check.ts';
import { subjectCheck } from './subjects.ts';

const OPENED: AuditAction = 'session.opened';

/** An event as it is stored: its index, the exact bytes of its leaf, and the hash that the log holds for it. */
export type HashedLeaf = { readonly seq: number; readonly leaf: Uint8Array; readonly hash: Uint8Array };

/**
 * Which events a check is given: the whole log from its first event on, a stretch without gaps from any index on, or a
 * selection by a filter. Meaning is checked only over the whole log, gaps not in a selection.
 */
export type Extent = 'whole' | 'stretch' | 'selection';

type Place = { readonly index: number; readonly at: string | null };

/** What was checked so far, in order of the events. `listens`: sessions opened, counted over the whole log only. */
export type LogChecked = {
  readonly count: number;
  readonly first: Place | null;
  readonly last: Place | null;
  readonly listens: number;
  readonly findings: readonly Finding[];
  readonly notices: readonly Notice[];
};

/** A check that is given its events in order. */
export type LogCheck = {
  /** Checks the next event. `computed`: the SHA-256 of its `leafInput`. Returns its leaf; null where it is none. */
  readonly add: (event: HashedLeaf, computed: Uint8Array) => Leaf | null;
  readonly checked: () => LogChecked;
};

/**
 * A check of the log with this name (`<origin>/<ten_…>` or `<origin>/deployment`). Without `proofs`, signatures of
 * passkeys are not checked.
 */
export function createLogCheck(name: string, extent: Extent, proofs?: ProofSettings): LogCheck {
  const findings: Finding[] = [];
  const notices: Notice[] = [];
  const checkMeaning = meaningCheck();
  const checkCredential = credentialCheck();
  const checkActor = actorCheck();
  const checkSubject = subjectCheck();
  const report = (finding: Finding): void => void findings.push(finding);
  const checkProof =
    proofs === undefined ? undefined : proofCheck(proofs, report, (notice) => void notices.push(notice));
  let [count, listens, time] = [0, 0, ''];
  let first: Place | null = null;
  let last: Place | null = null;
  // Of the event that is being checked: one function reports for all of them.
  let seq = 0;
  let id: string | null = null;
  const find: Find = (code) => void findings.push({ seq, code, id });

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
    if (leaf === null) {
      find('form');
      return null;
    }
    if (leaf.log !== name || leaf.seq !== seq) find('place');
    if (leaf.ts < time) find('time');
    time = leaf.ts;
    if (extent !== 'whole') return leaf;
    checkProof?.(leaf);
    if (leaf.outcome !== 'ok') return leaf;
    if (leaf.action === OPENED) listens++;
    checkMeaning(leaf, find);
    checkCredential(leaf, find);
    checkActor(leaf, find);
    checkSubject(leaf, find);
    return leaf;
  };
  // What a proof covers is known at its last decision.
  const inOrder = () => (checkProof === undefined ? findings : [...findings].sort((a, b) => a.seq - b.seq));
  return { add, checked: () => ({ count, first, last, listens, findings: inOrder(), notices }) };
}

/**
 * Checks a log from its first event on; `leafHash` computes the SHA-256 of a leaf's `leafInput`. Findings are in order of
 * the events; none means that indices are contiguous, every leaf has its hash, times never go back, and each listening
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

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
