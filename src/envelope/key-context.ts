// Encryption contexts of wrapped keys: opaque ids only, since key services log them in clear. They must never change.

/** The purpose of a wrapped key, read from its row; never from a request or an envelope. */
export type KeyPurpose =
  | {
      readonly use: 'object';
      readonly tenant: string;
      readonly recording: string;
      readonly deposit: string;
      readonly wrap: number;
    }
  | { readonly use: 'metadata' | 'kek' | 'ingest'; readonly tenant: string; readonly wrap: number }
  | { readonly use: 'challenge'; readonly tenant: string; readonly wrap: 0 };

/** The encryption context that every wrap and unwrap passes to the key service. */
export type KeyContext = Readonly<Record<string, string>>;

/** The context of a key of this purpose. */
export function keyContext(purpose: KeyPurpose): KeyContext {
  const common = { 'vault:use': purpose.use, 'vault:tenant': purpose.tenant, 'vault:wrap': String(purpose.wrap) };
  if (purpose.use !== 'object') return common;
  return { ...common, 'vault:recording': purpose.recording, 'vault:deposit': purpose.deposit };
}
