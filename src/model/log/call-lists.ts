// The part of the log's check that follows call lists, and the calls that are reported missing.
import type { At } from './at.ts';
import { type Leaf, listed } from './leaf.ts';

/** What lists of a source expect beside the recordings that they created: how many, and which were reported missing. */
type Others = { expected: number; readonly missing: Set<string> };

/** The following events, which change facts of calls that the list names. */
type Amended = { left: number; readonly actor: string };

/**
 * A check that the counts of a call list fit it and the events after it; and that calls are reported missing after a list
 * of their source, by the process, once, and only before their audio. A call is reported again after a list took expectations back, and
 * after a restore or a rebuild, when the database has older rows. When a call is due is in no event. Takes every event
 * with the outcome `ok`.
 */
export function callListsOf(): (at: At) => void {
  const created = new Map<string, string>();
  const others = new Map<string, Others>();
  const reported = new Map<string, number>();
  const stored = new Set<string>();
  let [count, takenBack, isRestored] = [0, 0, false];
  let amended: Amended | null = null;

  const othersOf = (source: string): Others => {
    const known = others.get(source) ?? { expected: 0, missing: new Set() };
    others.set(source, known);
    return known;
  };

  /** The events of a list's transaction follow one another. */
  const continueList = ({ leaf: { action, actor }, find }: At): void => {
    if (amended === null) return;
    if (action !== 'recording.amended' || actor.id !== amended.actor) find('list_counts');
    else if (amended.left > 1) {
      amended.left--;
      return;
    }
    amended = null;
  };

  const takeList = ({ leaf: { object, actor }, find }: At): void => {
    const ids = listed(object['recordings']);
    const source = String(object['source']);
    const [rows, expected, unlisted, facts] = ['rows', 'listed', 'unlisted', 'amended'].map((name) =>
      Number(object[name]),
    ) as [number, number, number, number];
    const isWritten = expected + unlisted + facts > 0;
    const isWithin = ids.length <= expected && expected + unlisted <= rows && ids.length + unlisted + facts <= rows;
    if (!isWritten || !isWithin) find('list_counts');
    for (const id of ids) created.set(id, source);
    othersOf(source).expected += expected - ids.length;
    if (unlisted > 0) takenBack = count;
    if (facts > 0) amended = { left: facts, actor: actor.id };
  };

  const isExpected = (id: string, source: string): boolean => {
    const of = created.get(id);
    if (of !== undefined) return of === source;
    // Rows of events that the restore took out of the log may stay; an older recording may have no source yet.
    if (isRestored || source === '') return true;
    const { expected, missing } = othersOf(source);
    missing.add(id);
    return missing.size <= expected;
  };

  const reportMissing = ({ leaf: { object, actor }, find }: At): void => {
    if (actor.type !== 'system') find('actor_unknown');
    for (const id of listed(object['recordings'])) {
      const before = reported.get(id);
      if (stored.has(id)) find('missing_stored');
      else if (before !== undefined && takenBack < before) find('repeated');
      else if (!isExpected(id, String(object['source']))) find('missing_unlisted');
      reported.set(id, count);
    }
  };

  const forget = (): void => {
    reported.clear();
    stored.clear();
  };

  return (at) => {
    const { leaf } = at;
    count++;
    if (leaf.action === 'log.restored' && leaf.log.endsWith(`/${leaf.object.id}`)) {
      // What was published may end within a list's transaction.
      amended = null;
      isRestored = true;
      forget();
    }
    continueList(at);
    if (leaf.action === 'recording.listed') takeList(at);
    else if (leaf.action === 'recording.missing') reportMissing(at);
    else if (isAudio(leaf)) stored.add(String(leaf.object['recording']));
    else if (leaf.action === 'vault.rebuilt' || leaf.action === 'tenant.rebuilt') forget();
  };
}

function isAudio({ action, object }: Leaf): boolean {
  return action === 'deposit.available' && object['object'] === 'audio';
}
