// HPKE of sealed files (RFC 9180, docs/format.md §10) by Node's crypto alone: base mode, DHKEM(X25519, HKDF-SHA256),
// HKDF-SHA256, export-only.
import { createHmac, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

const KEM = Buffer.from('KEM\x00\x20', 'latin1');
const SUITE = Buffer.from('HPKE\x00\x20\x00\x01\xff\xff', 'latin1');
const NOTHING = Buffer.alloc(0);
/** What precedes the 32 bytes of a key in DER (RFC 8410). */
const PRIVATE = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b656e032100', 'hex');
const SIZE = 32;

/** A key pair that files are sealed to. */
export type Pair = { readonly privateKey: KeyObject; readonly publicKey: Uint8Array };

/** Exports 32 bytes for a use. */
export type Export = (use: Uint8Array) => Buffer;

/** The pair of an ingest key's row, whose seed is unwrapped. */
export function pairOf(seed: Uint8Array, publicKey: Uint8Array): Pair {
  const secret = expand(KEM, extract(KEM, NOTHING, 'dkp_prk', seed), 'sk', NOTHING);
  const key = Buffer.concat([PRIVATE, secret]);
  return { privateKey: createPrivateKey({ key, format: 'der', type: 'pkcs8' }), publicKey };
}

/** Opens the encapsulated key of a file. */
export function decapsulate({ privateKey, publicKey }: Pair, kem: Uint8Array, info: Uint8Array): Export {
  const sender = createPublicKey({ key: Buffer.concat([PUBLIC, kem]), format: 'der', type: 'spki' });
  const shared = diffieHellman({ privateKey, publicKey: sender });
  const prk = extract(KEM, NOTHING, 'eae_prk', shared);
  const secret = expand(KEM, prk, 'shared_secret', Buffer.concat([kem, publicKey]));
  const context = [Buffer.alloc(1), extract(SUITE, NOTHING, 'psk_id_hash', NOTHING)];
  const schedule = Buffer.concat([...context, extract(SUITE, NOTHING, 'info_hash', info)]);
  const exporter = expand(SUITE, extract(SUITE, secret, 'secret', NOTHING), 'exp', schedule);
  return (use) => expand(SUITE, exporter, 'sec', use);
}

function extract(suite: Buffer, salt: Uint8Array, label: string, from: Uint8Array): Buffer {
  return createHmac('sha256', salt).update('HPKE-v1').update(suite).update(label).update(from).digest();
}

/** One block of HKDF-Expand. */
function expand(suite: Buffer, key: Uint8Array, label: string, use: Uint8Array): Buffer {
  const length = Buffer.of(0, SIZE);
  const hmac = createHmac('sha256', key).update(length).update('HPKE-v1').update(suite).update(label);
  return hmac.update(use).update(Buffer.of(1)).digest();
}
