// Contenders of the bench: the product, the raw loop, and the two libraries that an operator might use instead. Only
// the process that measures a library loads it, because every collection marks the whole heap.
import { randomBytes } from 'node:crypto';
import { type Duplex, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newId } from '../../src/bytes/ids.ts';
import { headsOf, objectKey, type StoredObject } from '../../src/envelope/object.ts';
import { openObject } from '../../src/envelope/open.ts';
import { sealObject } from '../../src/envelope/seal.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import { CHUNK, SEALED_CHUNK, SEALED_PART } from '../../src/envelope/sizes.ts';
import { rawOpen, rawSeal, type Sink } from './raw-loop.ts';

type Pieces = readonly Uint8Array[];

/** Opens the output of one sealing, in pieces of any size. */
export type Open = (sealed: Pieces, sink: Sink) => Promise<void>;

/** One way to seal and open. */
export type Codec = {
  readonly name: string;
  /** Lowest acceptable ratio product/codec, if there is one. */
  readonly target: number | null;
  /** Share of the full size that is measured: slow ones get less, so that a run does not last minutes. */
  readonly share: number;
  /** Size of the pieces that `open` receives. */
  readonly sealedPiece: number;
  readonly seal: (plaintext: Pieces, sink: Sink) => Promise<Open>;
};

/** Size of a socket's reads, in which sealing receives its input. */
export const PIECE = 65_536;
/** Size of the folder store's reads, in which opening receives its input. */
const READ = 262_144;
const SLOW = 1 / 4;

async function* streamOf(pieces: Pieces): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
}

/** The product: `sealObject` and `openObject`, fed and drained as over the folder store. */
function callvault(): Codec {
  const identity = { tenant: newId('ten'), recording: newId('rec'), deposit: newId('dep'), name: 'audio' };
  const key = objectKey(new SecretKey(randomBytes(32)), identity.name);
  return {
    name: 'callvault',
    target: null,
    share: 1,
    sealedPiece: READ,
    seal: async (plaintext, sink) => {
      const headers: Buffer[] = [];
      let size = 0;
      for await (const part of sealObject(streamOf(plaintext), key, identity, { releasesBuffer: true })) {
        sink(part.sealed);
        headers.push(part.header);
        size += part.size;
      }
      const stored: StoredObject = { ...identity, size, heads: headsOf(headers), headers: Buffer.concat(headers) };
      return async (sealed, opened) => {
        for await (const run of openObject(streamOf(sealed), key, stored)) run.forEach(opened);
      };
    },
  };
}

/** The same cipher calls in a bare loop, from whole chunks into one reused buffer. */
function rawLoop(): Codec {
  const key = randomBytes(32);
  const sealedOut = Buffer.alloc(SEALED_PART);
  const openedOut = Buffer.alloc(16 * CHUNK);
  return {
    name: 'raw loop',
    target: 0.9,
    share: 1,
    sealedPiece: 16 * SEALED_CHUNK,
    seal: async (plaintext, sink) => {
      rawSeal(key, plaintext, sealedOut, sink);
      return async (sealed, opened) => rawOpen(key, sealed, openedOut, opened);
    },
  };
}

/** The AWS Encryption SDK with its unsigned committing suite (0x0478) under a raw AES keyring. */
async function awsEncryptionSdk(frameLength: number, target: number, share: number): Promise<Codec> {
  const { AlgorithmSuiteIdentifier, buildClient, CommitmentPolicy, RawAesKeyringNode, RawAesWrappingSuiteIdentifier } =
    await import('@aws-crypto/client-node');
  const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
  const { encryptStream, decryptUnsignedMessageStream } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const keyring = new RawAesKeyringNode({
    keyNamespace: 'bench',
    keyName: 'bench',
    unencryptedMasterKey: new Uint8Array(randomBytes(32)),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  return {
    name: `AWS Encryption SDK, frame ${frameLength}`,
    target,
    share,
    sealedPiece: READ,
    seal: async (plaintext, sink) => {
      await through(plaintext, encryptStream(keyring, { suiteId, frameLength }), sink);
      return (sealed, opened) => through(sealed, decryptUnsignedMessageStream(keyring), opened);
    },
  };
}

function through(pieces: Pieces, transform: Duplex, sink: Sink): Promise<void> {
  const drain = new Writable({
    // Default of Node 22; with Node 20's 16 KiB the SDK is a little slower.
    highWaterMark: PIECE,
    write: (bytes: Buffer, _encoding, done) => {
      sink(bytes);
      done();
    },
  });
  return pipeline(Readable.from(pieces), transform, drain);
}

/** age in TypeScript (typage), for one X25519 recipient. */
async function age(): Promise<Codec> {
  const { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const identity = await generateX25519Identity();
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const drain = async (stream: ReadableStream<Uint8Array>, sink: Sink): Promise<void> => {
    for await (const bytes of stream) sink(bytes);
  };
  return {
    name: 'age (typage)',
    target: null,
    share: SLOW,
    sealedPiece: READ,
    seal: async (plaintext, sink) => {
      await drain(await encrypter.encrypt(webStreamOf(plaintext)), sink);
      return async (sealed, opened) => drain(await decrypter.decrypt(webStreamOf(sealed)), opened);
    },
  };
}

function webStreamOf(pieces: Pieces): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const piece = pieces[next++];
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
}

/** All contenders, the product first. */
export const CODECS: readonly (() => Codec | Promise<Codec>)[] = [
  callvault,
  rawLoop,
  () => awsEncryptionSdk(4096, 5, SLOW),
  // Its fastest setting, which is no default. The raw loop itself is only about 1.5 and 1.9 times as fast.
  () => awsEncryptionSdk(65_536, 1, 1),
  age,
];
