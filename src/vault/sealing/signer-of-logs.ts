// Whether the signer of this process is the one that sealed the logs. After a restore without its file it is not.
import { equalBytes } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import { logName } from '../../model/audit-event.ts';
import { namedKey, readNote } from '../../model/log/note.ts';
import type { Signer } from '../../ports/signer.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import { noteCrypto } from '../core/proofs/note-crypto.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type Trust, trustedCheckpoint } from './published.ts';
import { shelvesOf } from './shelves.ts';

type Deps = Pick<Vault, 'db' | 'settings'> & { readonly signer: Pick<Signer, 'keys'> };

/** The error of a newest checkpoint that no key of the signer signed: `signer_differs` for another key's, else `integrity`. */
export function signatureError(note: string, trust: Trust): VaultError {
  if (isByAnother(note, trust)) {
    return new VaultError(
      'signer_differs',
      `this is not the signer of these logs: another key signed the newest checkpoint of the log of ${trust.log}. Restore the file of CALLVAULT_SIGNER from its backup; while a signer is replaced, name the old and the new file with a comma`,
    );
  }
  return new VaultError('integrity', 'the signature of the newest checkpoint of the log is not valid');
}

/** Whether a well-formed note is signed for this log, and no signature claims a key of the signer. */
function isByAnother(note: string, { origin, log, signer }: Trust): boolean {
  const ours = logName(origin, log);
  const signatures = (readNote(note)?.signatures ?? []).filter(({ name }) => name === ours);
  const own = signer.keys.map((key) => namedKey(ours, key, noteCrypto.sha256).id);
  return signatures.length > 0 && !signatures.some(({ id }) => own.some((key) => equalBytes(key, id)));
}

/** Throws `signer_differs`, or `integrity`, where no key of the signer signed the newest seal of a log; see `signatureError`. */
export async function requireSignerOf({ db, settings, signer }: Deps, log: string, request: RequestContext) {
  const seal = await db.read((rows) => rows.seals.newest(log), request);
  const trust = { origin: settings.origin, log, signer };
  if (seal !== null && trustedCheckpoint(seal.note, trust) === null) throw signatureError(seal.note, trust);
}

/** The same for every log that was sealed. Returns how many were. */
export async function requireSignerOfAll(vault: Deps, request: RequestContext): Promise<number> {
  const heads = await vault.db.read((rows) => rows.seals.heads(), request);
  const sealed = heads.filter((head) => head.sealed !== null);
  for (const { log } of sealed) await requireSignerOf(vault, log, request);
  return sealed.length;
}

/**
 * Throws `signer_differs` where another signer sealed the logs that a new one would seal: in the database, or in the store
 * if the database was lost. A signer that sealed them may get a successor.
 */
export async function requireNoOtherSigner(
  vault: Pick<Vault, 'db' | 'settings' | 'store' | 'anchor' | 'signer'>,
  request: RequestContext,
): Promise<void> {
  const signer = vault.signer ?? { keys: [] };
  const sealed = await requireSignerOfAll({ ...vault, signer }, request);
  if (sealed > 0 || vault.signer !== null) return;
  const shelves = await shelvesOf(vault, DEPLOYMENT, request);
  const places = shelves === null ? [] : [shelves.segments, ...(shelves.anchor === null ? [] : [shelves.anchor])];
  for (const { store, location, folder } of places) {
    if ((await store.first(location, folder, 1, request)).length === 0) continue;
    throw new VaultError(
      'signer_differs',
      'the store or the anchor has sealed logs of this deployment: restore the file of CALLVAULT_SIGNER from its backup',
    );
  }
}
