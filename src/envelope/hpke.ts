// The key encapsulation of sealed files: HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, export-only.
import { createHmac } from 'node:crypto';
import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from '@hpke/core';
import { notAuthentic } from './cobblestone.ts';
import { SecretKey } from './secret-key.ts';

/** Size in bytes of an ingest key's seed, of its public key, and of an encapsulated key. */
export const HPKE_KEY = 32;

type Bytes = ArrayBufferLike | ArrayBufferView;

/** The KDF of the key schedule and of exports. The library's own waits twice for the thread pool for each HMAC. */
class Kdf extends HkdfSha256 {
  override async extract(salt: Bytes, ikm: Bytes): Promise<ArrayBuffer> {
    return hmac(salt, bytesOf(ikm));
  }

  override async expand(prk: Bytes, info: Bytes, length: number): Promise<ArrayBuffer> {
    if (length !== this.hashSize) return super.expand(prk, info, length);
    // HKDF-Expand of one block (RFC 5869 §2.3).
    return hmac(prk, bytesOf(info), Buffer.of(1));
  }
}

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new Kdf(), aead: new ExportOnly() });

/** Exports secrets of `length` bytes for a use; both sides of an encapsulation export the same. */
export type Exporter = (use: Uint8Array, length: number) => Promise<SecretKey>;

/** The public key, 32 bytes, of the pair that DeriveKeyPair (RFC 9180 §7.1.3) makes of a seed. */
export async function ingestPublicKey(seed: SecretKey): Promise<Buffer> {
  const { publicKey } = await pairOf(seed);
  return Buffer.from(await suite.kem.serializePublicKey(publicKey));
}

/**
 * Encapsulates a fresh secret to a public key of 32 bytes. Throws `integrity` for a public key with which every sender
 * would share the same secret.
 */
export async function encapsulate(
  publicKey: Uint8Array,
  info: Uint8Array,
): Promise<{ readonly kem: Buffer; readonly exporter: Exporter }> {
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(own(publicKey));
    const context = await suite.createSenderContext({ recipientPublicKey, info: own(info) });
    return { kem: Buffer.from(context.enc), exporter: exporterOf(context) };
  } catch {
    throw notAuthentic();
  }
}

/** Opens an encapsulation of 32 bytes with the seed of its recipient's pair. Throws `integrity` for one that no sender makes. */
export async function decapsulate(seed: SecretKey, kem: Uint8Array, info: Uint8Array): Promise<Exporter> {
  // The whole pair: of a private key alone the library computes the public key again.
  const recipientKey = await pairOf(seed);
  try {
    return exporterOf(await suite.createRecipientContext({ recipientKey, enc: own(kem), info: own(info) }));
  } catch {
    throw notAuthentic();
  }
}

/** Deriving costs as much as opening an encapsulation. A pair cannot be overwritten; it is unreachable once its seed is. */
const pairs = new WeakMap<SecretKey, Promise<CryptoKeyPair>>();

/** Throws `key_zeroed` for a seed that was overwritten. */
function pairOf(seed: SecretKey): Promise<CryptoKeyPair> {
  return seed.use((bytes) => {
    const known = pairs.get(seed);
    if (known !== undefined) return known;
    const made = suite.kem.deriveKeyPair(own(bytes));
    pairs.set(seed, made);
    return made;
  });
}

function exporterOf(context: {
  readonly export: (use: ArrayBuffer, length: number) => Promise<ArrayBuffer>;
}): Exporter {
  return async (use, length) => new SecretKey(new Uint8Array(await context.export(own(use), length)));
}

function hmac(key: Bytes, ...inputs: readonly Uint8Array[]): ArrayBuffer {
  const hash = createHmac('sha256', bytesOf(key));
  for (const input of inputs) hash.update(input);
  return own(hash.digest());
}

function bytesOf(bytes: Bytes): Uint8Array {
  return ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}

/** The bytes in memory that they share with nothing: the library takes whole buffers. */
function own(bytes: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return copy;
}
