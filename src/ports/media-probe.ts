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
  /** Resolves once few pushed bytes wait to be decoded, or once a caller has waited for that so many milliseconds in all. */
  readonly room: (mostMs?: number) => Promise<void>;
  /** What was found, once all bytes were pushed; measured from the bytes, never from what a header claims. */
  readonly finish: () => Promise<MediaFacts>;
  /** Ends the work on what is not finished. To be called in any case; a second time changes nothing. */
  readonly close: () => void;
};

/** A decoder that peaks of some types need. */
export type MediaDecoder = {
  /** What it decodes, as people call it. */
  readonly format: string;
  /** The optional dependency that has it. */
  readonly package: string;
  /** Whether it can be loaded here: without it such recordings have no peaks. */
  readonly loads: () => Promise<boolean>;
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
  readonly decoders: readonly MediaDecoder[];
  /** Ends what is under way: its recordings have no peaks. */
  readonly close: () => Promise<void>;
};
