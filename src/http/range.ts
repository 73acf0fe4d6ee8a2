// Parser of the Range header (RFC 9110, section 14): one range or none.
import parseRange from 'range-parser';

/** Bytes from `start` to before `end`. `open`: the request named no last byte (`bytes=N-`). */
export type ByteRange = { readonly start: number; readonly end: number; readonly open: boolean };

/**
 * Resolves a Range header against `size` bytes: null for all of them (no header, a malformed one, or If-Range naming
 * another version), `unsatisfiable` for several ranges or one beyond the end.
 */
export function requestedRange(
  header: string | undefined,
  ifRange: string | undefined,
  etag: string,
  size: number,
): ByteRange | null | 'unsatisfiable' {
  if (header === undefined || (ifRange !== undefined && ifRange !== etag)) return null;
  const ranges = parseRange(size, header);
  if (ranges === -2) return null;
  if (ranges === -1) return 'unsatisfiable';
  const [first] = ranges;
  if (ranges.type !== 'bytes' || first === undefined) return null;
  if (ranges.length > 1) return 'unsatisfiable';
  return { start: first.start, end: first.end + 1, open: header.trimEnd().endsWith('-') };
}
