// Port: media probe. Checks a body's type and measures its length and loudness.

/** The findings about a body. */
export type MediaFacts = {
  readonly durationMs: number | null;
  readonly channels: number | null;
  /** The object `peaks` of the audio; null where it cannot be computed, which is no reason to reject the audio. */
  readonly peaks: Buffer | null;
};

/** A push parser over the bytes of a body. */
export type MediaProbe = {
  /** Takes the next bytes, in order. */
  readonly push: (bytes: Uint8Array) => void;
  /** Resolves once few bytes wait to be decoded, or once a caller has waited this many milliseconds in total. */
  readonly room: (mostMs?: number) => Promise<void>;
  /** The findings after the last byte, measured from the bytes and never taken from a header. */
  readonly finish: () => Promise<MediaFacts>;
  /** Cancels unfinished work. Call it in any case; a second call changes nothing. */
  readonly close: () => void;
};

/** A decoder that the peaks of some types need. */
export type MediaDecoder = {
  /** Display name of what it decodes. */
  readonly format: string;
  /** The optional dependency that contains it. */
  readonly package: string;
  /** Whether it can be loaded here; without it such recordings have no peaks. */
  readonly loads: () => Promise<boolean>;
};

export type MediaProbes = {
  /** The accepted media types, as in Content-Type without parameters. */
  readonly types: readonly string[];
  /**
   * Starts a probe for a body of this declared type (null: none) that begins with these bytes; `type` is the detected
   * type, in canonical spelling, and `soundAt` the byte where sound begins, null where its header does not say. Throws `media_type_unsupported` for a type that is not accepted, or where none is
   * declared and the bytes show none; `media_type_mismatch` where the first bytes contradict the declared type.
   */
  readonly begin: (
    type: string | null,
    head: Uint8Array,
  ) => MediaProbe & {
    readonly type: string;
    readonly soundAt: number | null;
  };
  readonly decoders: readonly MediaDecoder[];
  /** Cancels all probes in progress: their recordings have no peaks. */
  readonly close: () => Promise<void>;
};
