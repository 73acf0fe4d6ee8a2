// Port: the signer of reports and other documents that must be verifiable without the vault.

/** A signing key under the deployment's name. */
export type Signer = {
  /** The public half as a C2SP verifier key, for anyone who verifies. */
  readonly verifier: string;
  /** Signs a text as a signed note. The text must end with a line feed. */
  readonly sign: (text: string) => string;
};
