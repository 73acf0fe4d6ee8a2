// Log check in this browser: recomputed hashes, gapless indices, and consistency of each event.
import { sha256 } from '@noble/hashes/sha2.js';
import { createLogCheck, type Extent, type LogChecked } from '../../../../model/log/check.ts';
import type { FindingCode } from '../../../../model/log/finding.ts';
import { type Leaf, leafInput } from '../../../../model/log/leaf.ts';
import type { Besides } from '../../../../model/log/meaning.ts';
import type { ProofSettings } from '../../../../model/log/proof-check.ts';
import type { SealCheck, Sealed, SealFault } from './checkpoint.ts';

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
 * opened a session that no other person had approved; or a signed checkpoint has other events (`fork`), more (`behind`),
 * or no signature by a key that the reader entered.
 */
export type Fault = FindingCode | 'shown' | SealFault['code'];

/** What was checked. `faults` are in order of the events; one event may have several. `sealed`: null without a checkpoint. */
export type Checked = Omit<LogChecked, 'findings'> & {
  readonly faults: readonly { readonly seq: number; readonly code: Fault }[];
  readonly sealed: Sealed | null;
};

/** What else is known of the log: signature checks, the texts of policies, and its newest checkpoint. */
export type CheckedWith = {
  readonly proofs?: ProofSettings;
  readonly besides?: Besides;
  readonly seal?: SealCheck | null;
};

/** The first fault of each event, by its index. */
export function faultsByIndex(faults: Checked['faults']): ReadonlyMap<number, Fault> {
  return new Map([...faults].reverse().map(({ seq, code }) => [seq, code]));
}

/** A check of a log, to be given its events in order, page by page. */
export function createCheck(log: string, extent: Extent, { proofs, besides, seal = null }: CheckedWith = {}) {
  const check = createLogCheck(log, extent, proofs, besides);
  const shown: { readonly seq: number; readonly code: Fault }[] = [];
  let count = 0;
  return {
    /** `leaves`: the bytes of the rows, where the caller has them already. */
    add: (rows: readonly Row[], leaves: readonly LeafBytes[] = leavesOf(rows)): void => {
      rows.forEach((row, n) => {
        const { leaf: bytes, input } = leaves[n] ?? { leaf: NONE, input: leafInput(NONE) };
        const hash = sha256(input);
        const leaf = check.add({ seq: row.index, leaf: bytes, hash: bytesOf(row.hash) }, hash);
        seal?.add(row.index, hash, leaf);
        if (row.action !== undefined && leaf !== null && !isShown(row, leaf))
          shown.push({ seq: row.index, code: 'shown' });
      });
      count += rows.length;
    },
    /** How many events were checked so far. */
    count: (): number => count,
    /** After the last event. */
    checked: (): Checked => {
      const { findings, ...rest } = check.checked();
      const { sealed = null, faults: ofSeal = [] } = seal?.ended() ?? {};
      // At the last event that the checkpoint covers, or the last of the log.
      const atEvents = ofSeal.map(({ code, index }) => ({ seq: Math.max(0, Math.min(index, rest.count) - 1), code }));
      const other = [...shown, ...atEvents];
      const faults = other.length === 0 ? findings : [...findings, ...other].sort((a, b) => a.seq - b.seq);
      return { ...rest, faults, sealed };
    },
  };
}

const NONE = new Uint8Array();

/** The bytes of a leaf, and what its hash is of: a zero byte before them. */
export type LeafBytes = { readonly leaf: Uint8Array; readonly input: Uint8Array };

/** The leaves of rows, in one buffer: a million small ones would fill the memory before they are freed. */
export function leavesOf(rows: readonly Row[]): LeafBytes[] {
  const buffer = new Uint8Array(rows.reduce((size, { leaf }) => size + 1 + leaf.length, 0));
  let at = 0;
  return rows.map(({ leaf }) => {
    const length = decodeInto(buffer.subarray(at + 1, at + 1 + leaf.length), leaf);
    const input = buffer.subarray(at, at + 1 + length);
    at += 1 + leaf.length;
    return { leaf: input.subarray(1), input };
  });
}

/** The bytes that a base64 text is of; none for what is no base64, which has no hash that agrees. */
function bytesOf(base64: string): Uint8Array {
  const bytes = new Uint8Array(base64.length);
  return bytes.subarray(0, decodeInto(bytes, base64));
}

/** A typed array of browsers that decode base64 (Chromium 140, Firefox 133, Safari 18.2). */
type Decoding = { readonly setFromBase64?: (text: string) => { readonly written: number } };

/** Decodes base64, of which `bytes` is as long as the text, and returns how many bytes it is of; 0 for no base64. */
function decodeInto(bytes: Uint8Array, base64: string): number {
  try {
    const { setFromBase64 } = bytes as Decoding;
    if (setFromBase64 !== undefined) return setFromBase64.call(bytes, base64).written;
    const text = atob(base64);
    for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
    return text.length;
  } catch {
    return 0;
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
