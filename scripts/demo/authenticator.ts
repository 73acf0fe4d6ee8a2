// A software authenticator (WebAuthn level 3, ES256, attestation "none"): a passkey that tests can also misuse.
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** Faults that an answer can have. */
export type AnswerDefects = {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly unverified?: boolean;
  readonly absent?: boolean;
  readonly counter?: number;
  readonly type?: string;
  readonly crossOrigin?: boolean;
};

/** The input of an attestation statement. */
export type AttestedData = {
  readonly publicKey: KeyObject;
  readonly clientDataHash: Buffer;
  readonly signature: Buffer;
};

/** An attestation: its format, and its statement as CBOR. */
export type Attestation = (what: AttestedData) => { readonly fmt: string; readonly statement: Buffer };

const NONE: Attestation = () => ({ fmt: 'none', statement: Buffer.of(0xa0) });

type Options = { readonly challenge: string; readonly rp?: { readonly id?: string }; readonly rpId?: string };

const sha256 = (bytes: string | Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** A new passkey for a page of `origin`, with an id of so many bytes. */
export function createAuthenticator(origin: string, idBytes = 16) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(idBytes);
  let counter = 0;

  const client = (type: string, challenge: string, wrong: AnswerDefects): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: wrong.type ?? type,
        challenge: wrong.challenge ?? challenge,
        origin: wrong.origin ?? origin,
        crossOrigin: wrong.crossOrigin ?? false,
      }),
    );
  const data = (rpId: string, attested: Buffer | null, wrong: AnswerDefects): Buffer => {
    const flags =
      (wrong.absent === true ? 0 : 0x01) | (wrong.unverified === true ? 0 : 0x04) | (attested === null ? 0 : 0x40);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(wrong.counter ?? counter);
    return Buffer.concat([sha256(wrong.rpId ?? rpId), Buffer.of(flags), count, attested ?? Buffer.alloc(0)]);
  };
  const sign = (bytes: Buffer): Buffer => createSign('sha256').update(bytes).sign(privateKey);
  const shell = { id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key' } as const;

  return {
    id: shell.id,
    /** The answer to the options for creating a passkey. */
    make: (options: object, wrong: AnswerDefects = {}, attest = NONE) => {
      const { challenge, rp } = options as Options;
      const attested = Buffer.concat([
        Buffer.alloc(16),
        Buffer.of(id.length >> 8, id.length & 255),
        id,
        coseKey(publicKey),
      ]);
      const authData = data(rp?.id ?? '', attested, wrong);
      const clientData = client('webauthn.create', challenge, wrong);
      const clientDataHash = sha256(clientData);
      const signature = sign(Buffer.concat([authData, clientDataHash]));
      const { fmt, statement } = attest({ publicKey, clientDataHash, signature });
      const object = Buffer.concat([
        Buffer.of(0xa3),
        cborText('fmt'),
        cborText(fmt),
        cborText('attStmt'),
        statement,
        cborText('authData'),
        cborBytes(authData),
      ]);
      const response = {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: object.toString('base64url'),
        transports: ['internal'],
      };
      return { ...shell, response, clientExtensionResults: {} };
    },
    /** The answer to the options for using a passkey. */
    prove: (options: object, wrong: AnswerDefects = {}) => {
      const { challenge, rpId } = options as Options;
      counter += 1;
      const clientData = client('webauthn.get', challenge, wrong);
      const authenticatorData = data(rpId ?? '', null, wrong);
      const signature = sign(Buffer.concat([authenticatorData, sha256(clientData)]));
      const response = {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
      };
      return { ...shell, response, clientExtensionResults: {} };
    },
  };
}

/** The public key as COSE_Key (RFC 9053 §2.1): EC2, ES256, P-256. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const head = Buffer.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01);
  const point = (label: number, part: string) =>
    Buffer.concat([Buffer.of(label), cborBytes(Buffer.from(part, 'base64url'))]);
  return Buffer.concat([head, point(0x21, x), point(0x22, y)]);
}

/** A short text in CBOR. */
export function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.of(0x60 | text.length), Buffer.from(text)]);
}

/** Bytes in CBOR, at most 65,535 of them. */
export function cborBytes(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  if (length < 24) return Buffer.concat([Buffer.of(0x40 | length), bytes]);
  return Buffer.concat([length < 256 ? Buffer.of(0x58, length) : Buffer.of(0x59, length >> 8, length & 255), bytes]);
}
