// What the vault needs to know of a body: whether it is what it claims, how long the call was, and how loud along it.

/** What a probe found in a body. */
export type MediaFacts = {
  readonly durationMs: number | null;
  readonly channels: number | null;
  /** The object `peaks` of the audio; null where it cannot be had: that is no reason to refuse the audio. */
  readonly peaks: Buffer | null;
};

/** A push parser over the body's bytes as they come. */
export type MediaProbe = {
  /** The next bytes, in order. */
  readonly push: (bytes: Uint8Array) => void;
  /** What was found, once all bytes were pushed; measured from the bytes, never from what a header claims. */
  readonly finish: () => Promise<MediaFacts>;
};

export type MediaProbes = {
  /** The media types that are taken, as they appear in Content-Type without parameters. */
  readonly types: readonly string[];
  /**
   * A probe for a body that is declared to be of this type, null where nothing is declared, and begins so; `type` is the
   * one its bytes show, in its one spelling. Throws `media_type_unsupported` for a type that is not taken, or where nothing
   * is declared and the bytes show none; `media_type_mismatch` where the first bytes contradict the declared type.
   */
  readonly begin: (type: string | null, head: Uint8Array) => MediaProbe & { readonly type: string };
};
