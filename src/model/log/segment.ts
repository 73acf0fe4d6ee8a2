// Segments: what one sealing writes to the store, the signed checkpoint and the events since the segment before.
import { MOST_EVENTS } from './checkpoint.ts';
import { readEntries, writeEntries } from './entries.ts';

/** A segment as it was read, not verified. */
export type Segment = { readonly note: string; readonly leaves: readonly Uint8Array[] };

/** Events in a segment, at most; more since the last one go into several segments. */
export const SEGMENT_EVENTS = 4_096;
/** The most bytes of a segment: its leaves of 16 KiB, each behind its length, and its note. */
export const MOST_SEGMENT_BYTES = SEGMENT_EVENTS * (16_384 + 2) + 4_096;
const DIGITS = 15;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The last part of a segment's path: the digits of a number that falls with the size, so that the newest lists first. */
export function segmentName(size: number): string {
  return String(MOST_EVENTS - size).padStart(DIGITS, '0');
}

/** The size that such a name belongs to; null for any other text. */
export function segmentSize(name: string): number | null {
  return /^\d{15}$/.test(name) ? MOST_EVENTS - Number(name) : null;
}

/** The bytes of a segment: the note, a zero byte, the leaves as entries. */
export function writeSegment({ note, leaves }: Segment): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${note}\0`);
  const entries = writeEntries(leaves);
  const bytes = new Uint8Array(head.length + entries.length);
  bytes.set(head);
  bytes.set(entries, head.length);
  return bytes;
}

/** Reads a segment; null where the bytes are none. */
export function readSegment(bytes: Uint8Array): Segment | null {
  const end = bytes.indexOf(0);
  const leaves = end < 0 ? null : readEntries(bytes.subarray(end + 1));
  if (leaves === null || leaves.length > SEGMENT_EVENTS) return null;
  try {
    return { note: UTF8.decode(bytes.subarray(0, end)), leaves };
  } catch {
    return null;
  }
}
