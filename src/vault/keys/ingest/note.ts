// The signed note of an ingest key: made by a process that signs, kept in the row, and made again when the signer's keys change.
import { equalBytes } from '../../../bytes/digest.ts';
import { logName } from '../../../model/audit-event.ts';
import type { IngestKeyRow } from '../../../model/ingest-key.ts';
import { ingestKeyText, readIngestKeyNote } from '../../../model/log/ingest-key-note.ts';
import { noteCrypto } from '../../core/proofs/note-crypto.ts';
import { verifiersOf } from '../../core/proofs/verifier-keys.ts';
import type { Vault } from '../../core/vault.ts';

type Deps = Pick<Vault, 'signer' | 'settings'>;

/** What a note says of a key. */
export type NotedKey = Pick<IngestKeyRow, 'tenant' | 'id' | 'public' | 'created'>;

/** Signs a new note; null where this process does not sign. */
export function signIngestKey({ signer, settings }: Deps, key: NotedKey): string | null {
  if (signer === null || !signer.signs) return null;
  const log = logName(settings.origin, key.tenant);
  return signer.sign(log, ingestKeyText(log, key));
}

/**
 * Whether a note names this key, and every key of this process's signer signed it. Without a signer here only what it
 * names is compared: its reader verifies the signature.
 */
export function isNoteOf({ signer, settings }: Deps, key: NotedKey, note: string): boolean {
  const { tenant } = key;
  const verifiers = signer === null ? [null] : verifiersOf(signer, logName(settings.origin, tenant));
  return verifiers.every((verifier) => {
    const read = readIngestKeyNote(note, verifier, { tenant, origin: settings.origin }, noteCrypto);
    return read?.id === key.id && read.created === key.created && equalBytes(read.public, key.public);
  });
}
