// An ingest key: a tenant's key pair that senders seal files to.
import type { KeyReference, Tenant } from './tenant.ts';

/** Senders seal to the `CURRENT` one. An `OLD` one opens files until it is retired, which deletes its row. */
export type IngestKeyState = 'CURRENT' | 'OLD';

/** An ingest key's row. `wrapped`: its 32-byte seed, wrapped under the tenant's key; never under a tenant KEK. */
export type IngestKeyRow = {
  readonly tenant: string;
  readonly id: string;
  readonly created: string;
  readonly state: IngestKeyState;
  /** 32 bytes (X25519). */
  readonly public: Uint8Array;
  readonly scheme: KeyReference['scheme'];
  readonly keyId: string;
  readonly wrap: number;
  readonly wrapped: Uint8Array;
  /** The wrap generation that its blob was last written with. */
  readonly blobWrap: number;
  /** 64 bytes: the MAC of its blob, over tenant, id, time and public key (decision 0061). */
  readonly mac: Uint8Array;
  /** The public key as the signer signed it; null without a signer. */
  readonly note: string | null;
  /** When the last file that was sealed to it arrived. */
  readonly lastFileAt: string | null;
};

/**
 * Whether a wrapped seed, of a row or of a blob, is under the tenant's key and not of an older generation: the tenant needs
 * no other key for it.
 */
export function isUnderKeyOf(
  { wrap, key }: Pick<Tenant, 'wrap' | 'key'>,
  of: Pick<IngestKeyRow, 'wrap' | 'keyId'>,
): boolean {
  return of.wrap >= wrap && (key === null || of.keyId === key.id);
}

/**
 * Whether a re-wrap must bring the key to the tenant's generation. One of this generation may be under another key: it came
 * back from the store, and the tenant's row, of an older backup, was rotated to this generation again.
 */
export function isIngestKeyBehind(
  { wrap, key }: Pick<Tenant, 'wrap' | 'key'>,
  row: Pick<IngestKeyRow, 'wrap' | 'keyId'>,
): boolean {
  return row.wrap < wrap || (row.wrap === wrap && key !== null && row.keyId !== key.id);
}
