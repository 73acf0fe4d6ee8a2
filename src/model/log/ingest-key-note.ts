// The signed note of an ingest key: the tenant's public key for sealed files, as the deployment's signer vouches for it.
import { base64Of, bytesOfBase64 } from './base64.ts';
import { type NoteCrypto, openNote, readNote, readVerifierKey } from './note.ts';

const FORMAT = 'callvault/ingest-key@v1';
const LINE = /^(ink_[0-7][0-9a-hjkmnp-tv-z]{25}) (\S+) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;

/** A public key of a tenant as its note names it. `public`: 32 bytes (X25519). `created`: RFC 3339, UTC, milliseconds. */
export type IngestKeyNote = { readonly id: string; readonly public: Uint8Array; readonly created: string };

/** The text that the signer signs under the tenant's log name. `log`: that name, `<origin>/<tenant>`. */
export function ingestKeyText(log: string, { id, public: key, created }: IngestKeyNote): string {
  return `${FORMAT}\n${log}\n${id} ${base64Of(key)} ${created}\n`;
}

/**
 * The key of a note for this tenant, signed by this verifier key (`<name>+<id>+<key>`); null for any other note, also of
 * another origin where one is given. Without a verifier key the signature is not checked: only form and names are.
 */
export function readIngestKeyNote(
  note: string,
  verifierKey: string | null,
  of: { readonly tenant: string; readonly origin?: string },
  crypto: NoteCrypto,
): IngestKeyNote | null {
  const text = verifierKey === null ? (readNote(note)?.text ?? null) : openedBy(note, verifierKey, crypto);
  if (text === null) return null;
  const [format, log = '', line = '', end, ...rest] = text.split('\n');
  if (format !== FORMAT || end !== '' || rest.length > 0) return null;
  const slash = log.lastIndexOf('/');
  if (slash <= 0 || log.slice(slash + 1) !== of.tenant) return null;
  if (of.origin !== undefined && log.slice(0, slash) !== of.origin) return null;
  if (verifierKey !== null && !verifierKey.startsWith(`${log}+`)) return null;
  const [, id = '', base64 = '', created = ''] = LINE.exec(line) ?? [];
  const key = bytesOfBase64(base64);
  return id === '' || key?.length !== 32 ? null : { id, public: key, created };
}

function openedBy(note: string, verifierKey: string, crypto: NoteCrypto): string | null {
  const key = readVerifierKey(verifierKey, crypto.sha256);
  return key === null ? null : openNote(note, [key], crypto);
}
