// Log check in this browser: recomputed hashes, gapless indices, and consistency of each event.
import { createLogCheck, type Extent, type LogChecked } from '../../../../model/log/check.ts';
import type { Checkpoint } from '../../../../model/log/checkpoint.ts';
import type { FindingCode } from '../../../../model/log/finding.ts';
import { type Leaf, leafInput } from '../../../../model/log/leaf.ts';
import { createComparison, type Sealed } from './checkpoint.ts';

/** An event of the API with its shown text; for the raw log only the bytes. */
export type Row = {
  readonly index: number;
  readonly leaf: string;
  readonly hash: string;
  readonly at?: string | null;
  readonly action?: string | null;
  readonly actor?: { readonly id: string } | null;
};

/**
 * Fault of an event: its bytes do not have its hash, an index before it is missing, its bytes name another log or index, its time
 * is earlier than that of the event before, its bytes are not a leaf, its shown text differs from its bytes, it
 * opened a session that no other person had approved; or a signed checkpoint has other events (`fork`) or more (`behind`).
 */
export type Fault = FindingCode | 'shown' | 'fork' | 'behind';

/** What was checked. `faults` are in order of the events; one event may have several. `sealed`: null without a checkpoint. */
export type Checked = Omit<LogChecked, 'findings'> & {
  readonly faults: readonly { readonly seq: number; readonly code: Fault }[];
  readonly sealed: Sealed | null;
};

/** The first fault of each event, by its index. */
export function faultsByIndex(faults: Checked['faults']): ReadonlyMap<number, Fault> {
  return new Map([...faults].reverse().map(({ seq, code }) => [seq, code]));
}

/** A check of a log, to be given its events in order, page by page. */
export function createCheck(log: string, extent: Extent, checkpoint: Checkpoint | null = null) {
  const check = createLogCheck(log, extent);
  const comparison = checkpoint === null ? null : createComparison(checkpoint);
  const shown: { readonly seq: number; readonly code: Fault }[] = [];
  return {
    add: async (rows: readonly Row[]): Promise<void> => {
      const events = rows.map(({ leaf, hash }) => ({ leaf: bytesOf(leaf), hash: bytesOf(hash) }));
      const computed = await Promise.all(events.map(({ leaf }) => crypto.subtle.digest('SHA-256', leafInput(leaf))));
      rows.forEach((row, n) => {
        const [event, digest] = [events[n], computed[n]];
        if (event === undefined || digest === undefined) return;
        const hash = new Uint8Array(digest);
        const leaf = check.add({ seq: row.index, ...event }, hash);
        comparison?.add(hash);
        if (row.action !== undefined && leaf !== null && !isShown(row, leaf))
          shown.push({ seq: row.index, code: 'shown' });
      });
    },
    /** How many events were checked so far. */
    count: (): number => check.checked().count,
    checked: (): Checked => {
      const { findings, ...rest } = check.checked();
      const sealed = comparison?.sealed() ?? null;
      const other = [...shown, ...(sealed === null ? [] : faultOf(sealed, rest.count))];
      const faults = other.length === 0 ? findings : [...findings, ...other].sort((a, b) => a.seq - b.seq);
      return { ...rest, faults, sealed };
    },
  };
}

/** A fault of the checkpoint, at the last event that it covers, or the last of the log. */
function faultOf({ size, fault }: Sealed, count: number): Checked['faults'] {
  return fault === null ? [] : [{ seq: Math.max(0, Math.min(size, count) - 1), code: fault }];
}

const NONE = new Uint8Array();

/** The bytes that a base64 text is of; none for what is no base64, which has no hash that agrees. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
    return bytes;
  } catch {
    return NONE;
  }
}

/** Text of a leaf, decoded strictly; null for bytes that are not text. */
export function leafText(base64: string): string | null {
  const bytes = bytesOf(base64);
  try {
    return bytes.length === 0 ? null : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function isShown({ at, action, actor }: Row, leaf: Leaf): boolean {
  return at === leaf.ts && action === leaf.action && actor?.id === leaf.actor.id;
}
