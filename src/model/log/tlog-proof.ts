// The proof of one event in one text: its index, the inclusion proof and the checkpoint (C2SP tlog-proof).
import { base64Of, bytesOfBase64 } from './base64.ts';

export type TlogProof = {
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** The checkpoint, a signed note. */
  readonly note: string;
  /** The leaf, where the proof brings it. Not authenticated until its hash is proven. */
  readonly extra?: Uint8Array;
};

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';

/** The text of a proof. */
export function writeTlogProof({ index, path, note, extra }: TlogProof): string {
  const lines = extra === undefined ? [FIRST_LINE] : [FIRST_LINE, `extra ${base64Of(extra)}`];
  return [...lines, `index ${index}`, ...path.map(base64Of), '', note].join('\n');
}

/** Reads such a text; null where it is none. Neither the path nor the checkpoint is verified. */
export function readTlogProof(text: string): TlogProof | null {
  const end = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, end).split('\n');
  if (end < 0 || first !== FIRST_LINE) return null;
  const extra = lines[0]?.startsWith('extra ') === true ? bytesOfBase64(lines.shift()?.slice(6) ?? '') : undefined;
  const [, digits] = /^index (0|[1-9]\d{0,14})$/.exec(lines.shift() ?? '') ?? [];
  const path = lines.map(bytesOfBase64);
  if (extra === null || digits === undefined || !path.every((hash) => hash?.length === 32)) return null;
  const read = { index: Number(digits), path: path as Uint8Array[], note: text.slice(end + 2) };
  return extra === undefined ? read : { ...read, extra };
}
