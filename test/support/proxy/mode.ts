// What a proxy can be told to do to the connections between a client and a real server.

/** `up` is from the client to the server. */
export type Direction = 'up' | 'down';

export type Mode =
  | { readonly kind: 'pass' }
  /** Nobody listens; connections that stand are ended. */
  | { readonly kind: 'refuse' }
  /** Connections are taken, nothing is passed on or answered, on those that stand too; who was swallowed is never heard of again. */
  | { readonly kind: 'black-hole' }
  /** A connection ends after so many more bytes in a direction, `times` connections (null: every one). */
  | { readonly kind: 'cut'; readonly direction: Direction; readonly bytes: number; readonly times: number | null }
  /**
   * The reply to a request that holds `matching` is dropped as it begins, and the client's connection ended; what the
   * server does with the request it does. `times` replies (null: every one).
   */
  | { readonly kind: 'lose-reply'; readonly matching: string; readonly times: number | null }
  /** Every piece comes later by so much, in each direction. */
  | { readonly kind: 'latency'; readonly ms: number };
