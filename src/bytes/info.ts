// info(): the unambiguous encoding of a list of fields that key derivation and contexts are built on.

const SURROGATE = /\p{Surrogate}/u;

/** Each field as uint16be byte length, then its UTF-8 bytes, concatenated (docs/format.md). Throws RangeError over 65,535 bytes and for lone surrogates. */
export function info(...fields: readonly string[]): Buffer {
  const lengths = fields.map((field) => Buffer.byteLength(field));
  const out = Buffer.alloc(lengths.reduce((sum, length) => sum + 2 + length, 0));
  let at = 0;
  for (const [n, field] of fields.entries()) {
    if (SURROGATE.test(field)) throw new RangeError('a field is not well-formed Unicode');
    at = out.writeUInt16BE(lengths[n] as number, at);
    at += out.write(field, at);
  }
  return out;
}
