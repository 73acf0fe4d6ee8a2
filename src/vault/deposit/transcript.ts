// Depositing a transcript: read into memory, checked, then deposited unchanged.
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { checkTranscript, MAX_TRANSCRIPT, TRANSCRIPT_SLICE } from '../../model/transcript.ts';
import { transcriptTypeOf } from '../../model/transcript-types.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { deposit } from './deposit.ts';
import type { DepositResult } from './deposit-types.ts';
import type { UploadBody } from './upload-bytes.ts';

/**
 * Deposits a transcript of a recording. `language` is canonical; `type` is the declared media type, null without one.
 * Throws `transcript_invalid`, and as `deposit`.
 */
export async function depositTranscript(
  vault: Omit<Vault, 'sessionKeys'>,
  by: Caller,
  what: {
    readonly recording: string;
    readonly language: string;
    readonly type: string | null;
    readonly body: UploadBody;
  },
  request: RequestContext,
): Promise<DepositResult> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of what.body.bytes) {
    size += piece.length;
    if (size > MAX_TRANSCRIPT)
      throw new VaultError('body_too_large', `a transcript has at most ${MAX_TRANSCRIPT} bytes`);
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  if (!what.body.whole() || (what.body.length !== null && what.body.length !== size)) {
    throw new VaultError('body_cut', 'the body ended before its end');
  }
  if (size === 0) throw new VaultError('body_empty', 'the body is empty');
  const found = transcriptTypeOf(what.type, bytes);
  const type = await checkTranscript(found, bytes, what.language, vault.clock.pause);
  const body: UploadBody = { ...what.body, bytes: sliced(bytes, vault.clock.pause) };
  const target = { recording: what.recording };
  return deposit(vault, by, { target, name: `transcript/${what.language}`, type, body }, request);
}

/** The bytes in slices: hashing and sealing all of them at once would delay other requests. */
async function* sliced(bytes: Uint8Array, pause: () => Promise<void>): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += TRANSCRIPT_SLICE) {
    yield bytes.subarray(at, at + TRANSCRIPT_SLICE);
    await pause();
  }
}
