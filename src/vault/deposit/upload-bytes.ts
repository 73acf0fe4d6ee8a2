// The body of a deposit as it comes: its first bytes looked at, everything counted, hashed and held to its promises.
import { createHash } from 'node:crypto';
import { equalBytes, sha256 } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import { PEAKS } from '../../model/peaks.ts';
import type { MediaFacts, MediaProbe } from '../../ports/media-probe.ts';

/** A body and what its sender promised of it. */
export type UploadBody = {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Its declared length, or null for one of unknown length. */
  readonly length: number | null;
  /** SHA-256 from Content-Digest, or null. */
  readonly sha256: Uint8Array | null;
  /** Whether the sender really came to the end: the declared length, or the terminal chunk. */
  readonly whole: () => boolean;
};

/** What is known of a body once it was read. */
export type BodyFacts = MediaFacts & { readonly size: number; readonly sha256: Buffer };

/** What facts say of a body's bytes: the digest of the object, and that of the peaks beside it. */
export function digestsOf(object: string, facts: BodyFacts): Readonly<Record<string, string>> {
  const peaks = facts.peaks === null ? {} : { [PEAKS]: sha256(facts.peaks).toString('hex') };
  return { [object]: facts.sha256.toString('hex'), ...peaks };
}

/** A probe looks at so many bytes before it begins. */
export const PROBE_BYTES = 65_536;

/** The first bytes of a body, the body from its start, and how to let go of it: its reader must be told in any case. */
export type PeekedBody = {
  readonly head: Buffer;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
};

/** Looks at the first 64 KiB of a body (all of a shorter one). Throws `body_empty` or `body_cut`. */
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
  return { head: Buffer.concat(taken).subarray(0, PROBE_BYTES), bytes: again(), close };
}

/** A body under watch: pass its bytes on, then ask what they were. */
export type WatchedBody = {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Stops probing: what the body says of the call is not asked for. */
  readonly withoutProbe: () => void;
  /** Throws `body_cut` or `digest_mismatch` where the promises were not kept. Ask only after the last byte. */
  readonly finish: () => Promise<BodyFacts>;
};

/** A body waits so long for its decoder in all. After that the recording has no peaks rather than a slow upload. */
const DECODER_MS = 10_000;

const NO_MEDIA: MediaFacts = { durationMs: null, channels: null, peaks: null };

/** Watches a body: counts, hashes and probes it, and throws `body_too_large` as soon as it passes `most` bytes. */
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
    // The promises are checked before whoever reads can take the end for an end.
    if (!body.whole() || (body.length !== null && body.length !== size)) {
      throw new VaultError('body_cut', 'the body ended before its end');
    }
  };
  return {
    bytes: watched(),
    withoutProbe: () => {
      probing?.close();
      probing = null;
    },
    finish: async () => {
      const digest = hash.digest();
      if (body.sha256 !== null && !equalBytes(digest, body.sha256)) {
        throw new VaultError('digest_mismatch', 'the body does not have the digest that Content-Digest names');
      }
      const media = (await probing?.finish()) ?? NO_MEDIA;
      return { ...media, size, sha256: digest };
    },
  };
}
