// Blobs of the bare minimum.

/** The blobs of one engine. */
export type Blobs = {
  /** Writes a new blob so that it survives a loss of power; it never replaces one. `op` is new with each call. */
  readonly put: (path: string, op: string, bytes: Uint8Array) => Promise<void>;
  /** Bytes of a blob from `start` to before `end`, fewer where it ends. */
  readonly read: (path: string, start: number, end: number) => AsyncIterable<Buffer>;
};
