// The facts of a call on the disk: from its sidecar, or from the name of its audio.
import { basename } from 'node:path';
import type { SealedFileMeta } from '../envelope/sealed-file.ts';
import { hasCode } from '../errors.ts';
import { whyInvalid } from '../model/given-facts.ts';
import type { RelayConfig } from './config.ts';
import type { ReadyCall } from './find-calls.ts';
import { sameVersion } from './names.ts';
import type { Files, Version } from './ports.ts';
import { bytesOf, opened } from './read-files.ts';
import { factsFromName, factsFromSidecar, SIDECAR_BYTES } from './sidecar.ts';

type Facts = SealedFileMeta['facts'];

/** Facts from the bytes of a sidecar, or, without one, from the path of the audio. Throws `metadata_invalid`. */
export type CallFacts = (sidecar: Uint8Array | null, audio: string) => Facts;

/** How the configured relay reads facts. `now`: milliseconds since 1970. */
export function factsBy({ patterns, source }: Pick<RelayConfig, 'patterns' | 'source'>, now: () => number): CallFacts {
  return (sidecar, audio) =>
    sidecar === null
      ? factsFromName(basename(audio), patterns, source, now())
      : factsFromSidecar(sidecar, source, now());
}

/** `changed`: the sidecar was written meanwhile. `why`: for a person, without values. */
export type ReadFacts =
  | { readonly kind: 'valid'; readonly facts: Facts }
  | { readonly kind: 'changed' }
  | { readonly kind: 'invalid'; readonly of: 'sidecar' | 'file_name'; readonly why: string };

/** Reads the facts of a call. Throws `Unreadable`. */
export async function readFacts(
  { files, facts }: { readonly files: Pick<Files, 'open'>; readonly facts: CallFacts },
  { audio, sidecar }: ReadyCall,
): Promise<ReadFacts> {
  const of = sidecar === null ? 'file_name' : 'sidecar';
  if (sidecar !== null && sidecar.version.size > SIDECAR_BYTES)
    return { kind: 'invalid', of, why: `the sidecar has more than ${SIDECAR_BYTES} bytes` };
  const bytes = sidecar === null ? null : await readSidecar(files, sidecar);
  if (bytes === 'changed') return { kind: 'changed' };
  try {
    return { kind: 'valid', facts: facts(bytes, audio) };
  } catch (error) {
    if (!hasCode(error, 'metadata_invalid')) throw error;
    return { kind: 'invalid', of, why: whyInvalid(error) };
  }
}

async function readSidecar(
  files: Pick<Files, 'open'>,
  { path, version }: { readonly path: string; readonly version: Version },
): Promise<Uint8Array | 'changed'> {
  const file = await opened(files, path);
  if (file === null) return 'changed';
  try {
    if (!sameVersion(file.version, version)) return 'changed';
    const pieces: Uint8Array[] = [];
    for await (const piece of bytesOf(file)) pieces.push(Uint8Array.from(piece));
    return Buffer.concat(pieces);
  } finally {
    await file.close();
  }
}
