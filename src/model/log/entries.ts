// Leaves one after another, each behind its length as a big-endian uint16 (C2SP tlog-tiles, entry bundles).

/** The bytes of these leaves, each at most 65,535 bytes long. */
export function writeEntries(leaves: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(leaves.reduce((sum, { length }) => sum + 2 + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const leaf of leaves) {
    if (leaf.length > 0xffff) throw new RangeError('an entry is longer than 65,535 bytes');
    view.setUint16(at, leaf.length);
    bytes.set(leaf, at + 2);
    at += 2 + leaf.length;
  }
  return bytes;
}

/** The leaves in such bytes; null where the last one is cut. */
export function readEntries(bytes: Uint8Array): Uint8Array[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 <= bytes.length ? at + 2 + view.getUint16(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) return null;
    leaves.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return leaves;
}
