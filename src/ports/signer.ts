// What the vault needs to sign what it hands out: reports now, and whatever else others are to check without it.

/** A signing key under the deployment's name. */
export type Signer = {
  /** The public half as a C2SP verifier key: give it to whoever is to check. */
  readonly verifier: string;
  /** The text as a signed note. The text ends with a line feed. */
  readonly sign: (text: string) => string;
};
