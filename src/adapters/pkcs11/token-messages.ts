// What the service and the threads that hold sessions say to each other.

/** Where the token is, and what it is like. */
export type TokenSettings = {
  /** The vendor's shared library. */
  readonly module: string;
  readonly token: string;
  /** Which of several tokens of one label; null for the only one. */
  readonly serial: string | null;
  /** Who chooses the nonces of AES-GCM: `hsm` where the module ignores the caller's and writes its own over zeros. */
  readonly nonces: 'random' | 'hsm';
};

/** What is asked of a thread. `aad` is authenticated with the data key; a label is that of a key's objects. */
export type TokenRequest =
  | { readonly op: 'library' | 'token' | 'mechanisms' }
  | { readonly op: 'login'; readonly pin: string }
  | { readonly op: 'describe' | 'ensure' | 'rotate'; readonly label: string }
  | { readonly op: 'draw'; readonly label: string; readonly aad: Uint8Array }
  | { readonly op: 'wrap'; readonly label: string; readonly aad: Uint8Array; readonly dataKey: Uint8Array<ArrayBuffer> }
  | { readonly op: 'unwrap'; readonly label: string; readonly aad: Uint8Array; readonly wrapped: Uint8Array }
  | {
      readonly op: 'rewrap';
      readonly label: string;
      readonly aad: Uint8Array;
      readonly wrapped: Uint8Array;
      readonly to: { readonly label: string; readonly aad: Uint8Array };
    };

/** What comes back: a text for people, a state, a wrapped key, a data key. The receiver overwrites the data key. */
export type TokenValue = {
  readonly text?: string;
  readonly wrapped?: Uint8Array;
  readonly dataKey?: Uint8Array<ArrayBuffer>;
};

/**
 * Why nothing came back. `login`: no user is logged in to the token. `pin`: it does not take the PIN. `refused`: for good.
 * `away`: it may pass. The message is for people and holds no secret.
 */
export type TokenFailure = { readonly kind: 'login' | 'pin' | 'unsure' | 'refused' | 'away'; readonly message: string };

export type TokenAnswer = { readonly value: TokenValue } | { readonly failure: TokenFailure };
