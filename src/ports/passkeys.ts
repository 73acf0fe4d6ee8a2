// Port: WebAuthn (W3C Web Authentication, level 3). Options for a browser, and verification of its answer.

/** A stored credential. `publicKey` is COSE; `id` is base64url. */
export type PasskeyCredential = {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
};

/** The owner of a new passkey: `id` is opaque, the authenticator shows `name` to the owner. */
export type PasskeyOwner = { readonly id: string; readonly name: string };

/** An answer to `authenticationOptions` as it claims to be, not yet verified: its credential's id; the rest in base64. */
export type ClaimedAssertion = {
  readonly credential: string;
  readonly authenticator: string;
  readonly client: string;
  readonly signature: string;
};

/**
 * Every accepted answer requires user verification by the authenticator (PIN, fingerprint). Challenges are base64url;
 * options are JSON for WebAuthn's `parse…OptionsFromJSON`.
 */
export type Passkeys = {
  /** Options for a new discoverable credential, excluding those in `known`. */
  readonly registrationOptions: (
    owner: PasskeyOwner,
    known: readonly Pick<PasskeyCredential, 'id' | 'transports'>[],
    challenge: string,
  ) => Promise<object>;
  /** Options for one of these credentials, or for any of this origin if the list is empty. */
  readonly authenticationOptions: (
    known: readonly Pick<PasskeyCredential, 'id' | 'transports'>[],
    challenge: string,
  ) => Promise<object>;
  /** The credential in an answer to `registrationOptions`; null unless it fits this challenge and origin. */
  readonly verifyRegistration: (answer: unknown, challenge: string) => Promise<PasskeyCredential | null>;
  /** The credential id that an answer claims, not yet verified; null where it has none. */
  readonly claimedCredential: (answer: unknown) => string | null;
  /** The parts of an answer; null where it does not have them. */
  readonly claimedAssertion: (answer: unknown) => ClaimedAssertion | null;
  /** A COSE public key as SubjectPublicKeyInfo (DER); null unless it is ES256 on P-256, EdDSA on Ed25519 or RS256. */
  readonly keyOf: (publicKey: Uint8Array) => Promise<Uint8Array | null>;
  /** Verifies an answer and returns its counter; null where it does not verify or the counter went back. */
  readonly verifyAuthentication: (
    answer: unknown,
    challenge: string,
    credential: PasskeyCredential,
  ) => Promise<number | null>;
};
