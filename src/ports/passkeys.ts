// What the vault needs of WebAuthn (W3C Web Authentication, level 3): options for a browser, and a look at its answer.

/** A credential as it is kept. `publicKey` is COSE; `id` is base64url. */
export type PasskeyCredential = {
  readonly id: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
};

/** Whose passkey is added: `id` is opaque, `name` is what the authenticator shows to its owner. */
export type PasskeyOwner = { readonly id: string; readonly name: string };

/**
 * The user is verified by the authenticator (PIN, fingerprint) in every answer that is accepted. A challenge is base64url;
 * what the browser is asked is JSON that WebAuthn's `parse…OptionsFromJSON` reads.
 */
export type Passkeys = {
  /** Asks for a discoverable credential; none of `known` again. */
  readonly registrationOptions: (
    owner: PasskeyOwner,
    known: readonly Pick<PasskeyCredential, 'id' | 'transports'>[],
    challenge: string,
  ) => Promise<object>;
  /** Asks for one of these, or with none for any that this origin has. */
  readonly authenticationOptions: (
    known: readonly Pick<PasskeyCredential, 'id' | 'transports'>[],
    challenge: string,
  ) => Promise<object>;
  /** The credential in an answer to `registrationOptions`; null where it is none for this challenge and origin. */
  readonly verifyRegistration: (answer: unknown, challenge: string) => Promise<PasskeyCredential | null>;
  /** The id of the credential that an answer claims; null where it has none. Nothing is proven yet. */
  readonly claimedCredential: (answer: unknown) => string | null;
  /** The counter that an answer proves to come from this credential; null where it does not, or the counter went back. */
  readonly verifyAuthentication: (
    answer: unknown,
    challenge: string,
    credential: PasskeyCredential,
  ) => Promise<number | null>;
};
