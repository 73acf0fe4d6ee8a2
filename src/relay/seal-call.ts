// Sealing of one call: digest, seal, sync, commit by a rename, then delete the plaintext (docs/decisions/0063-the-relay.md).
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { SealedFileMeta } from '../envelope/sealed-file.ts';
import { MAX_OBJECT } from '../envelope/sizes.ts';
import { finishClaims } from './claims.ts';
import type { ReadyCall } from './find-calls.ts';
import { claimOf, confirmationCheck, sameVersion, sealedName } from './names.ts';
import type { Files, OpenFile, Seal, Version } from './ports.ts';
import { type CallFacts, readFacts } from './read-facts.ts';
import { bytesOf, opened, Unreadable } from './read-files.ts';

/** Folders of the spool, on one file system. */
export type SpoolFolders = { readonly spool: string; readonly tmp: string; readonly rejected: string };

/** A file in the spool. */
export type SealedEntry = { readonly name: string; readonly id: string; readonly size: number };

/**
 * `changed`: the call was written meanwhile and is sealed later. `invalid`: it cannot be sealed until a person corrects
 * it.
 */
export type SealOutcome =
  | { readonly kind: 'sealed'; readonly entry: SealedEntry }
  | { readonly kind: 'changed' }
  | { readonly kind: 'invalid'; readonly why: 'empty' | 'large' | 'unreadable' | 'sidecar' | 'file_name' }
  | { readonly kind: 'full' };

/** What sealing needs. */
export type SealDeps = {
  readonly files: Files;
  readonly folders: SpoolFolders;
  readonly seal: Seal;
  readonly newId: () => string;
  readonly facts: CallFacts;
  /** Whether the spool has room for so many more bytes. */
  readonly hasRoom: (bytes: number) => Promise<boolean>;
  /** Called before the plaintext is touched: the sealed file is on the disk. */
  readonly committed: (entry: SealedEntry) => void;
};

/** The bytes changed between the two times that they were read. */
class BytesChanged extends Error {}

/** What a sealed file has beside the call's bytes, at most: header, facts, and 16 bytes a part. */
const OVERHEAD_BYTES = 262_144;

/** Seals a call. Throws what the file system or `seal` throws; the call is then whole, as plaintext or sealed. */
export async function sealCall(deps: SealDeps, call: ReadyCall): Promise<SealOutcome> {
  try {
    return await sealOpened(deps, call);
  } catch (error) {
    if (error instanceof BytesChanged) return { kind: 'changed' };
    if (error instanceof Unreadable) return { kind: 'invalid', why: 'unreadable' };
    throw error;
  }
}

async function sealOpened(deps: SealDeps, call: ReadyCall): Promise<SealOutcome> {
  const { files } = deps;
  const audio = await opened(files, call.audio);
  if (audio === null) return { kind: 'changed' };
  try {
    if (!sameVersion(audio.version, call.audioVersion)) return { kind: 'changed' };
    const read = await readFacts(deps, call);
    if (read.kind !== 'valid') return read.kind === 'changed' ? read : { kind: 'invalid', why: read.of };
    const { facts } = read;
    // Before the bytes are read: a file that cannot be sealed must not be read again in each pass.
    const { size: expected } = audio.version;
    if (expected === 0) return { kind: 'invalid', why: 'empty' };
    if (expected > MAX_OBJECT) return { kind: 'invalid', why: 'large' };
    if (!(await deps.hasRoom(expected + Math.ceil(expected / 1024) + OVERHEAD_BYTES))) return { kind: 'full' };
    const { size, sha256 } = await digestOf(audio);
    if (size !== expected) return { kind: 'changed' };
    return await commit(deps, call, audio, { object: 'audio', type: call.type, size, sha256, facts });
  } finally {
    await audio.close();
  }
}

async function commit(deps: SealDeps, call: ReadyCall, audio: OpenFile, meta: SealedFileMeta): Promise<SealOutcome> {
  const { files, folders } = deps;
  const id = deps.newId();
  const unfinished = join(folders.tmp, id);
  const name = sealedName({ id, check: confirmationCheck(id, meta.size, meta.sha256) });
  let size = 0;
  try {
    const sealed = deps.seal(id, meta, unchanged(audio, meta.sha256));
    await files.create(
      unfinished,
      counted(sealed, (bytes) => (size += bytes)),
    );
    const versions = await Promise.all(plaintextOf(call).map(({ path }) => files.version(path)));
    if (!plaintextOf(call).every(({ version }, n) => sameVersion(version, versions[n] ?? null)))
      throw new BytesChanged();
    await files.rename(unfinished, join(folders.spool, name));
  } catch (error) {
    await files.remove(unfinished);
    throw error;
  }
  await files.syncFolder(folders.spool);
  const entry = { name, id, size };
  deps.committed(entry);
  // From here on the call is in the spool. It leaves the PBX's folder in two steps, so that a file which the PBX puts in
  // its place meanwhile is never deleted.
  for (const { path, version } of plaintextOf(call)) await files.rename(path, claimOf(id, path, version).path);
  // Nothing is deleted until both claims are on the disk: one file without the other would never be finished.
  await files.syncFolder(dirname(call.audio));
  const claims = plaintextOf(call).map(({ path, version }) => claimOf(id, path, version));
  await finishClaims(files, claims, true);
  return { kind: 'sealed', entry };
}

/** Audio first: a sidecar without audio is never taken for a call, but audio without a sidecar may be. */
function plaintextOf(call: ReadyCall): readonly { readonly path: string; readonly version: Version }[] {
  const audio = { path: call.audio, version: call.audioVersion };
  return call.sidecar === null ? [audio] : [audio, call.sidecar];
}

async function digestOf(file: OpenFile): Promise<{ readonly size: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of bytesOf(file)) {
    hash.update(piece);
    size += piece.length;
  }
  return { size, sha256: hash.digest('hex') };
}

/** The bytes again; throws at their end where they are no longer those of the digest. */
async function* unchanged(file: OpenFile, digest: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of bytesOf(file)) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') !== digest) throw new BytesChanged();
}

async function* counted(source: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    count(piece.length);
    yield piece;
  }
}
