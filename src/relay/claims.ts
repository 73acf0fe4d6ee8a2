// Claims: plaintext files under a name that says which sealed file holds them. They are deleted, or put back.
import { basename, dirname, extname, join } from 'node:path';
import { type Claim, putBackName, readClaim, sameVersion } from './names.ts';
import type { Files } from './ports.ts';

/** Characters of the id that make the name of a file that is put back unique. */
const MARK_LENGTH = 8;

/** A claim that exists, and whether it is the version that was sealed. */
type Found = { readonly claim: Claim; readonly whole: boolean };

/**
 * Deletes the claimed files of one call, or puts them back: where a file is not the version that was sealed, or the PBX
 * wrote a file of the call meanwhile. `sealed`: whether the sealed file is in the spool; without it nothing is deleted.
 * Returns whether all were deleted. After a crash at any point the next run finishes what is left.
 */
export async function finishClaims(files: Files, claims: readonly Claim[], sealed: boolean): Promise<boolean> {
  const found = await Promise.all(claims.map((claim) => findClaim(files, claim)));
  const [audio, sidecar] = [false, true].map((kind) =>
    found.find((one) => isSidecar(one?.claim.original ?? '') === kind),
  );
  const deleted = await finish(files, audio ?? null, sidecar ?? null, sealed);
  const [first] = claims;
  if (first !== undefined) await files.syncFolder(dirname(first.path));
  return deleted;
}

async function findClaim(files: Files, claim: Claim): Promise<Found | null> {
  const now = await files.version(claim.path);
  return now === null ? null : { claim, whole: sameVersion(claim.version, now) };
}

async function finish(files: Files, audio: Found | null, sidecar: Found | null, sealed: boolean): Promise<boolean> {
  if (audio === null && sidecar === null) return false;
  const original = (audio ?? sidecar)?.claim.original ?? '';
  // A claim is missing where it was deleted, or a crash came before it. Then its file still has the first name.
  const newAudio = audio === null ? await audioOf(files, original) : await isTaken(files, audio.claim.original);
  const newSidecar = sidecar === null && (await isTaken(files, sidecarOf(original)));
  if (audio === null && sidecar !== null && !newAudio) return finishSidecar(files, sidecar, sealed);
  const whole = (audio?.whole ?? true) && (sidecar?.whole ?? true);
  if (sealed && whole && !newAudio && !newSidecar) {
    // Audio before the sidecar: audio alone could pass for a call without one.
    for (const one of [audio, sidecar]) if (one !== null) await files.remove(one.claim.path);
    return true;
  }
  if (audio !== null && sealed && audio.whole && newAudio) {
    // The PBX put another file in its place: this one is sealed.
    await files.remove(audio.claim.path);
    if (sidecar !== null) await putBack(files, sidecar, sealed, null);
    return false;
  }
  // A pair whose first name is taken stays a pair, under a name that the id makes unique.
  const mark = audio !== null && newAudio ? audio.claim.id.slice(0, MARK_LENGTH) : null;
  if (sidecar !== null) await putBack(files, sidecar, sealed, mark);
  if (audio !== null) await putBack(files, audio, sealed, mark);
  return false;
}

/**
 * A sidecar without audio. Audio is claimed first, put back last, and deleted only once it is sealed: so it is sealed, and
 * another relay may have uploaded it since; or it was put back with a mark, where a loss of power took the sidecar's back.
 */
async function finishSidecar(files: Files, sidecar: Found, sealed: boolean): Promise<boolean> {
  const { id, original, path } = sidecar.claim;
  for (const mark of [id.slice(0, MARK_LENGTH), id]) {
    if (!(await audioOf(files, markedPath(original, mark)))) continue;
    await putBack(files, sidecar, sealed, mark);
    return false;
  }
  if (sidecar.whole) await files.remove(path);
  else await putBack(files, sidecar, sealed, null);
  return sidecar.whole;
}

/** Gives a file its first name again, or one with a mark. Where the PBX wrote another one, that one counts. */
async function putBack(files: Files, { claim, whole }: Found, sealed: boolean, mark: string | null): Promise<void> {
  const { path, original, id } = claim;
  if (await files.renameToFree(path, mark === null ? original : markedPath(original, mark))) return;
  if (sealed && whole) await files.remove(path);
  else await files.renameToFree(path, markedPath(original, id));
}

function markedPath(original: string, mark: string): string {
  return join(dirname(original), putBackName(basename(original), mark));
}

async function isTaken(files: Files, path: string): Promise<boolean> {
  return (await files.version(path)) !== null;
}

/** Whether a file other than a sidecar has the name of this sidecar. */
async function audioOf(files: Files, sidecar: string): Promise<boolean> {
  const stem = basename(sidecar, extname(sidecar));
  const names = (await files.list(dirname(sidecar))).filter((name) => dirname(name) === '.');
  return names.some((name) => basename(name, extname(name)) === stem && !isSidecar(name) && readClaim(name) === null);
}

/** Path of the sidecar of an audio file. */
export function sidecarOf(path: string): string {
  return join(dirname(path), `${basename(path, extname(path))}.json`);
}

/** Whether a path is that of a sidecar. */
export function isSidecar(path: string): boolean {
  return path.endsWith('.json');
}

/** Claims in these paths, by the id of the sealed file. */
export function claimsById(paths: readonly string[]): ReadonlyMap<string, readonly Claim[]> {
  const byId = new Map<string, Claim[]>();
  for (const path of paths) {
    const claim = readClaim(path);
    if (claim !== null) byId.set(claim.id, [...(byId.get(claim.id) ?? []), claim]);
  }
  return byId;
}
