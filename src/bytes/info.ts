// info(): the unambiguous encoding of a list of fields that key derivation and contexts are built on.

/** Each field as uint16be byte length, then its UTF-8 bytes, concatenated (docs/format.md). Throws RangeError over 65,535 bytes. */
export function info(...fields: readonly string[]): Buffer {
  const out: Buffer[] = [];
  for (const field of fields) {
    const bytes = Buffer.from(field, 'utf8');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    out.push(length, bytes);
  }
  return Buffer.concat(out);
}
