// Log check in this browser: recomputed hashes, gapless indices, and consistency of each event.
import { createLogCheck, type Extent, type LogChecked } from '../../../../model/log/check.ts';
import type { FindingCode } from '../../../../model/log/finding.ts';
import { type Leaf, leafInput } from '../../../../model/log/leaf.ts';

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
 * is earlier than that of the event before, its bytes are not a leaf, its shown text differs from its bytes, or it
 * opened a session that no other person had approved.
 */
export type Fault = FindingCode | 'shown';

/** What was checked. `faults` are in order of the events; one event may have several. */
export type Checked = Omit<LogChecked, 'findings'> & {
  readonly faults: readonly { readonly seq: number; readonly code: Fault }[];
};

/** The first fault of each event, by its index. */
export function faultsByIndex(faults: Checked['faults']): ReadonlyMap<number, Fault> {
  return new Map([...faults].reverse().map(({ seq, code }) => [seq, code]));
}

/** A check of a log, to be given its events in order, page by page. */
export function createCheck(log: string, extent: Extent) {
  const check = createLogCheck(log, extent);
  const shown: { readonly seq: number; readonly code: Fault }[] = [];
  return {
    add: async (rows: readonly Row[]): Promise<void> => {
      const events = rows.map(({ leaf, hash }) => ({ leaf: bytesOf(leaf), hash: bytesOf(hash) }));
      const computed = await Promise.all(events.map(({ leaf }) => crypto.subtle.digest('SHA-256', leafInput(leaf))));
      rows.forEach((row, n) => {
        const [event, digest] = [events[n], computed[n]];
        if (event === undefined || digest === undefined) return;
        const leaf = check.add({ seq: row.index, ...event }, new Uint8Array(digest));
        if (row.action !== undefined && leaf !== null && !isShown(row, leaf))
          shown.push({ seq: row.index, code: 'shown' });
      });
    },
    /** How many events were checked so far. */
    count: (): number => check.checked().count,
    checked: (): Checked => {
      const { findings, ...rest } = check.checked();
      const faults = shown.length === 0 ? findings : [...findings, ...shown].sort((a, b) => a.seq - b.seq);
      return { ...rest, faults };
    },
  };
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
