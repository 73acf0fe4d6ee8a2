// The operations that use a key: data keys, encrypting, decrypting, re-encrypting.
import { randomBytes } from 'node:crypto';
import { type ServiceCall, serviceError } from '../call.ts';
import type { DoubleState } from '../state.ts';
import { decrypt, encrypt, keyOfCiphertext } from './ciphertext.ts';
import { bytesIn, contextIn, invalid, numberIn, textIn } from './input.ts';
import { checkUsable, findMasterKey, type MasterKey } from './master-key.ts';
import { requireKeyPermission } from './permissions.ts';

const ALGORITHM = 'SYMMETRIC_DEFAULT';
const MOST_CIPHERTEXT = 6144;
const MOST_PLAINTEXT = 4096;

export function generateDataKey(world: DoubleState, call: ServiceCall): object {
  const { input, region } = call;
  const [spec, bytes] = [textIn(input, 'KeySpec'), numberIn(input, 'NumberOfBytes')];
  if ((spec === null) === (bytes === null)) throw invalid('Please specify either number of bytes or key spec.');
  const length = bytes ?? { AES_256: 32, AES_128: 16 }[spec ?? ''];
  if (length === undefined || length < 1 || length > 1024)
    throw invalid(`Value at 'keySpec' failed to satisfy constraint`);
  const context = contextIn(input, 'EncryptionContext');
  const key = findMasterKey(world, region, input['KeyId']);
  requireKeyPermission(world, call, 'GenerateDataKey', key, context);
  checkUsable(world, key);
  const plaintext = randomBytes(length);
  world.dataKeys.push(plaintext);
  const CiphertextBlob = encrypt(key, context, plaintext).toString('base64');
  return { CiphertextBlob, Plaintext: plaintext.toString('base64'), KeyId: key.arn };
}

export function encryptBytes(world: DoubleState, call: ServiceCall): object {
  const { input, region } = call;
  const plaintext = bytesIn(input, 'Plaintext', MOST_PLAINTEXT);
  const context = contextIn(input, 'EncryptionContext');
  const key = findMasterKey(world, region, input['KeyId']);
  requireKeyPermission(world, call, 'Encrypt', key, context);
  checkUsable(world, key);
  const CiphertextBlob = encrypt(key, context, plaintext).toString('base64');
  return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: ALGORITHM };
}

export function decryptBytes(world: DoubleState, call: ServiceCall): object {
  const { input } = call;
  const ciphertext = bytesIn(input, 'CiphertextBlob', MOST_CIPHERTEXT);
  const context = contextIn(input, 'EncryptionContext');
  const key = keyToOpen(world, call, 'KeyId', ciphertext);
  requireKeyPermission(world, call, 'Decrypt', key, context);
  checkUsable(world, key);
  checkSame(world, key, ciphertext);
  const plaintext = decrypt(key, context, ciphertext);
  return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: ALGORITHM };
}

export function reEncrypt(world: DoubleState, call: ServiceCall): object {
  const { input, region } = call;
  const ciphertext = bytesIn(input, 'CiphertextBlob', MOST_CIPHERTEXT);
  const [from, to] = [contextIn(input, 'SourceEncryptionContext'), contextIn(input, 'DestinationEncryptionContext')];
  const source = keyToOpen(world, call, 'SourceKeyId', ciphertext);
  const destination = findMasterKey(world, region, input['DestinationKeyId']);
  requireKeyPermission(world, call, 'ReEncryptFrom', source, from);
  requireKeyPermission(world, call, 'ReEncryptTo', destination, to);
  checkUsable(world, source);
  checkUsable(world, destination);
  checkSame(world, source, ciphertext);
  const plaintext = decrypt(source, from, ciphertext);
  return {
    CiphertextBlob: encrypt(destination, to, plaintext).toString('base64'),
    SourceKeyId: source.arn,
    KeyId: destination.arn,
    SourceEncryptionAlgorithm: ALGORITHM,
    DestinationEncryptionAlgorithm: ALGORITHM,
  };
}

/** The named key, else the key of the ciphertext. */
function keyToOpen(world: DoubleState, { input, region }: ServiceCall, member: string, ciphertext: Buffer): MasterKey {
  if (input[member] !== undefined) return findMasterKey(world, region, input[member]);
  return findMasterKey(world, region, keyOfCiphertext(world.keys.values(), ciphertext).arn);
}

function checkSame(world: DoubleState, key: MasterKey, ciphertext: Buffer): void {
  if (keyOfCiphertext(world.keys.values(), ciphertext) === key) return;
  const message = 'The key ID in the request does not identify a CMK that can perform this operation.';
  throw serviceError(400, 'IncorrectKeyException', message);
}
