// info(): the unambiguous encoding of a list of fields that key derivation and contexts are built on.

/** Each field as uint16be byte length, then its UTF-8 bytes, concatenated (docs/format.md). Throws RangeError over 65,535 bytes and for lone surrogates. */
export function info(...fields: readonly string[]): Buffer {
  const out: Buffer[] = [];
  for (const field of fields) {
    if (/\p{Surrogate}/u.test(field)) throw new RangeError('a field is not well-formed Unicode');
    const bytes = Buffer.from(field, 'utf8');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    out.push(length, bytes);
  }
  return Buffer.concat(out);
}
