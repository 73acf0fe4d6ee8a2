// The incoming body of a deposit: inspected, counted, hashed, and compared with its declared length and digest.
import { createHash } from 'node:crypto';
import { equalBytes, sha256 } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import { PEAKS } from '../../model/peaks.ts';
import type { MediaFacts, MediaProbe } from '../../ports/media-probe.ts';

/** A body and what its sender declared of it. */
export type UploadBody = {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Its declared length, or null for one of unknown length. */
  readonly length: number | null;
  /** SHA-256 from Content-Digest, or null. */
  readonly sha256: Uint8Array | null;
  /** Whether the body is complete: the declared length, or the terminal chunk, has arrived. */
  readonly whole: () => boolean;
};

/** What is known of a body once it was read. */
export type BodyFacts = MediaFacts & { readonly size: number; readonly sha256: Buffer };

/** Digests for the recording's facts: the object's, and its peaks'. */
export function digestsOf(object: string, facts: BodyFacts): Readonly<Record<string, string>> {
  const peaks = facts.peaks === null ? {} : { [PEAKS]: sha256(facts.peaks).toString('hex') };
  return { [object]: facts.sha256.toString('hex'), ...peaks };
}

/** How many bytes a probe sees before it begins. */
export const PROBE_BYTES = 65_536;

/** The first bytes of a body, the body from its start, and `close`, which ends its reader in any case. */
export type PeekedBody = {
  readonly head: Buffer;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
};

/** Reads the first 64 KiB of a body, or all of a shorter one. Throws `body_empty` or `body_cut`. */
export async function peek(body: UploadBody): Promise<PeekedBody> {
  const source = body.bytes[Symbol.asyncIterator]();
  const close = async (): Promise<void> => {
    await source.return?.();
  };
  const taken: Uint8Array[] = [];
  let length = 0;
  try {
    while (length < PROBE_BYTES) {
      const next = await source.next();
      if (next.done === true) break;
      taken.push(next.value);
      length += next.value.length;
    }
    if (length === 0 && !body.whole()) throw new VaultError('body_cut', 'the body ended before its end');
    if (length === 0) throw new VaultError('body_empty', 'the body is empty');
  } catch (error) {
    await close();
    throw error;
  }
  const again = async function* (): AsyncGenerator<Uint8Array> {
    yield* taken;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  };
  return { head: Buffer.concat(taken, Math.min(length, PROBE_BYTES)), bytes: again(), close };
}

/** A body that is counted, hashed and probed while it is read. */
export type WatchedBody = {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Its declared length, or null. */
  readonly length: number | null;
  /** Stops probing: for a deposit that does not need media facts. */
  readonly withoutProbe: () => void;
  /**
   * The facts of the body; call it only after the last byte. Throws `body_cut` or `digest_mismatch` where length or
   * digest differ from the declared ones.
   */
  readonly finish: () => Promise<BodyFacts>;
};

/**
 * How long a body waits for its decoder in total. Beyond that the recording gets no peaks, instead of a slow upload.
 */
const DECODER_MS = 10_000;

const NO_MEDIA: MediaFacts = { durationMs: null, channels: null, peaks: null };

/** Counts, hashes and probes a body, and throws `body_too_large` as soon as it passes `most` bytes. */
export function watchBody(
  body: UploadBody,
  bytes: AsyncIterable<Uint8Array>,
  probe: MediaProbe | null,
  most: number,
  decoderMs = DECODER_MS,
): WatchedBody {
  const hash = createHash('sha256');
  let probing = probe;
  let size = 0;
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      size += piece.length;
      if (size > most) throw new VaultError('body_too_large', `a body has at most ${most} bytes`);
      hash.update(piece);
      probing?.push(piece);
      await probing?.room(decoderMs);
      yield piece;
    }
    // Checked before the reader sees the end: it must not take a cut body for a complete one.
    if (!body.whole() || (body.length !== null && body.length !== size)) {
      throw new VaultError('body_cut', 'the body ended before its end');
    }
  };
  return {
    bytes: watched(),
    length: body.length,
    withoutProbe: () => {
      probing?.close();
      probing = null;
    },
    finish: async () => {
      const digest = hash.digest();
      if (body.sha256 !== null && !equalBytes(digest, body.sha256)) {
        throw new VaultError('digest_mismatch', 'the body does not match the digest in Content-Digest');
      }
      const media = (await probing?.finish()) ?? NO_MEDIA;
      return { ...media, size, sha256: digest };
    },
  };
}
