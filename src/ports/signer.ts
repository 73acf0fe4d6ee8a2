// Port: the signer of checkpoints, reports and other documents that must be verifiable without the vault.

/** The signing keys in use: one, or two while they are being replaced. */
export type Signer = {
  /** The 32-byte public keys (Ed25519), the older one first. */
  readonly keys: readonly Uint8Array[];
  /** Whether all keys can sign; false where a process has public keys only. */
  readonly signs: boolean;
  /**
   * Signs a text with each key under this name, as a signed note. The text must end with a line feed. Throws
   * `config_invalid` where a key is public.
   */
  readonly sign: (name: string, text: string) => string;
};
