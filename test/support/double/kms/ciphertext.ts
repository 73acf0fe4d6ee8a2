// Ciphertexts of KMS: AES-256-GCM under the key's material, the encryption context as additional data.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { serviceError } from '../call.ts';
import type { MasterKey } from './master-key.ts';

export type EncryptionContext = Readonly<Record<string, string>>;

const MAGIC = Buffer.from([0x01, 0x02, 0x02, 0x00]);
const [ID, NONCE, TAG] = [16, 12, 16];
const AT_VERSION = MAGIC.length + ID;
const AT_NONCE = AT_VERSION + 4;
const AT_SEALED = AT_NONCE + NONCE;

/** Names and values with their lengths, sorted by name: different contexts give different bytes. */
function additionalData(header: Uint8Array, context: EncryptionContext): Buffer {
  const fields = Object.entries(context)
    .map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const)
    .sort(([a], [b]) => Buffer.compare(a, b))
    .flat()
    .flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    });
  return Buffer.concat([header, ...fields]);
}

export function encrypt(key: MasterKey, context: EncryptionContext, plaintext: Uint8Array): Buffer {
  const version = Buffer.alloc(4);
  version.writeUInt32BE(key.materials.length - 1);
  const header = Buffer.concat([MAGIC, idBytes(key), version]);
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', material(key, key.materials.length - 1), nonce, { authTagLength: TAG });
  cipher.setAAD(additionalData(header, context));
  return Buffer.concat([header, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The key of a ciphertext. Throws InvalidCiphertextException if it names no key. */
export function keyOfCiphertext(keys: Iterable<MasterKey>, ciphertext: Buffer): MasterKey {
  const named = ciphertext.subarray(MAGIC.length, AT_VERSION);
  const found = [...keys].find((key) => idBytes(key).equals(named));
  if (!ciphertext.subarray(0, MAGIC.length).equals(MAGIC) || found === undefined) throw invalidCiphertext();
  return found;
}

/** Throws InvalidCiphertextException for any other context, key or byte. */
export function decrypt(key: MasterKey, context: EncryptionContext, ciphertext: Buffer): Buffer {
  if (ciphertext.length < AT_SEALED + TAG) throw invalidCiphertext();
  const at = ciphertext.length - TAG;
  const nonce = ciphertext.subarray(AT_NONCE, AT_SEALED);
  try {
    const version = ciphertext.readUInt32BE(AT_VERSION);
    const decipher = createDecipheriv('aes-256-gcm', material(key, version), nonce, { authTagLength: TAG });
    decipher.setAAD(additionalData(ciphertext.subarray(0, AT_NONCE), context));
    decipher.setAuthTag(ciphertext.subarray(at));
    return Buffer.concat([decipher.update(ciphertext.subarray(AT_SEALED, at)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}

/** KMS gives no more detail than this. */
function invalidCiphertext(): Error {
  return serviceError(400, 'InvalidCiphertextException', '');
}

function idBytes({ id }: MasterKey): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function material({ materials }: MasterKey, version: number): Buffer {
  const found = materials[version];
  if (found === undefined) throw invalidCiphertext();
  return found;
}
