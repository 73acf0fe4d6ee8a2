// The encryption context of each wrapped key: opaque ids only, since key services log it in clear. Fixed for ever.

/** What a wrapped key is for, from the row it belongs to; never from a request or an envelope. */
export type KeyPurpose =
  | {
      readonly use: 'object';
      readonly tenant: string;
      readonly recording: string;
      readonly deposit: string;
      readonly wrap: number;
    }
  | { readonly use: 'metadata' | 'kek'; readonly tenant: string; readonly wrap: number }
  | { readonly use: 'challenge'; readonly tenant: string; readonly wrap: 0 };

/** The encryption context given to the key service at every wrap and unwrap. */
export type KeyContext = Readonly<Record<string, string>>;

/** The context of a key of this purpose. */
export function keyContext(purpose: KeyPurpose): KeyContext {
  const common = { 'vault:use': purpose.use, 'vault:tenant': purpose.tenant, 'vault:wrap': String(purpose.wrap) };
  if (purpose.use !== 'object') return common;
  return { ...common, 'vault:recording': purpose.recording, 'vault:deposit': purpose.deposit };
}
