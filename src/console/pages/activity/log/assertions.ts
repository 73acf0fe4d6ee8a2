// Signatures by passkeys in this browser: verified by WebCrypto, page by page, before the check asks for them.
import { base64Of, bytesOfBase64, hexOf } from '../../../../model/log/base64.ts';
import { MOST_DECISIONS, type ProofCrypto } from '../../../../model/log/proof.ts';
import type { LeafBytes } from './check.ts';
import { noteCrypto } from './crypto.ts';

/** The members of `proof.given`, `change.signed` and `change.approved` that a signature is made of, in base64. */
type Signed = {
  readonly key: string;
  readonly authenticator: string;
  readonly client: string;
  readonly signature: string;
};

export type Assertions = {
  /** Verifies the assertions in these leaves, so that the check can ask for them. WebCrypto answers later only. */
  readonly prepare: (leaves: readonly LeafBytes[]) => Promise<void>;
  readonly crypto: ProofCrypto;
  /** How many signatures were right. */
  readonly right: () => number;
};

const MARK = '"authenticator":';
const UTF8 = new TextDecoder();
const MEMBERS = ['key', 'authenticator', 'client', 'signature'] as const;
const ED25519 = '302a300506032b6570032100';
/** The object identifiers of keys on a curve and of RSA, behind their length (RFC 5480, RFC 8017). */
const EC = '06072a8648ce3d0201';
const RSA = '06092a864886f70d010101';
/** A coordinate of P-256. */
const HALF = 32;

export function createAssertions(): Assertions {
  const { sha256, isEd25519 } = noteCrypto;
  const keys = new Map<string, Promise<Verify>>();
  // Of the last events: the decisions of a proof follow it at once.
  let [known, before] = [new Map<string, boolean>(), new Map<string, boolean>()];
  let [right, since] = [0, 0];

  const keyOf = (key: string): Promise<Verify> => {
    const found = keys.get(key) ?? importKey(key, isEd25519);
    keys.set(key, found);
    return found;
  };

  const verify = async ({ key, authenticator, client, signature }: Signed): Promise<void> => {
    const [head, said, signed] = [bytesOfBase64(authenticator), bytesOfBase64(client), bytesOfBase64(signature)];
    if (head === null || said === null || signed === null) return;
    const hash = sha256(said);
    const data = new Uint8Array(head.length + hash.length);
    data.set(head);
    data.set(hash, head.length);
    const verifier = await keyOf(key);
    const isRight = await verifier(data, signed).catch(() => false);
    known.set(nameOf(key, data, signature), isRight);
    if (isRight) right++;
  };

  const nameOf = (key: string, data: Uint8Array, signature: string): string =>
    `${key} ${signature} ${hexOf(sha256(data))}`;

  return {
    prepare: async (leaves) => {
      if (since > MOST_DECISIONS) [known, before, since] = [new Map(), known, 0];
      since += leaves.length;
      const signed = leaves.flatMap(({ leaf }) => signedIn(leaf) ?? []);
      await Promise.all(signed.map(verify));
    },
    crypto: {
      sha256,
      isSigned: (key, data, signature) => {
        const name = nameOf(base64Of(key), data, base64Of(signature));
        return known.get(name) ?? before.get(name) ?? false;
      },
    },
    right: () => right,
  };
}

type Verify = (data: Uint8Array<ArrayBuffer>, signature: Uint8Array) => Promise<boolean>;

/** The check of signatures by a key in SubjectPublicKeyInfo: ES256 on P-256, EdDSA on Ed25519 or RS256; none by another. */
async function importKey(
  base64: string,
  isEd25519: (key: Uint8Array, data: Uint8Array, signature: Uint8Array) => boolean,
): Promise<Verify> {
  const spki = Uint8Array.from(bytesOfBase64(base64) ?? []);
  const hex = hexOf(spki);
  const none: Verify = async () => false;
  if (hex.startsWith(ED25519)) return async (data, signature) => isEd25519(spki.slice(12), data, signature);
  try {
    if (hex.includes(EC)) {
      const ec = { name: 'ECDSA', namedCurve: 'P-256' };
      const key = await crypto.subtle.importKey('spki', spki, ec, false, ['verify']);
      return async (data, signature) => {
        const raw = rawOf(signature);
        return raw !== null && crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, raw, data);
      };
    }
    if (!hex.includes(RSA)) return none;
    const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('spki', spki, rsa, false, ['verify']);
    return async (data, signature) => crypto.subtle.verify(rsa.name, key, Uint8Array.from(signature), data);
  } catch {
    return none;
  }
}

/** The two numbers of an ECDSA signature, of 32 bytes each, from DER (RFC 3279, section 2.2.3); null for any other bytes. */
function rawOf(der: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const raw = new Uint8Array(2 * HALF);
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null;
  let at = 2;
  for (const end of [HALF, 2 * HALF]) {
    const length = der[at + 1] ?? 0;
    const number = der.subarray(at + 2, at + 2 + length);
    if (der[at] !== 0x02 || number.length !== length || length === 0 || (number[0] ?? 0) > 0x7f) return null;
    // A zero before a number whose first bit is set.
    const bytes = number.length > 1 && number[0] === 0 ? number.subarray(1) : number;
    if (bytes.length > HALF || (number[0] === 0 && length > 1 && (number[1] ?? 0) < 0x80)) return null;
    raw.set(bytes, end - bytes.length);
    at += 2 + length;
  }
  return at === der.length ? raw : null;
}

function signedIn(leaf: Uint8Array): Signed | null {
  const text = UTF8.decode(leaf);
  if (!text.includes(MARK)) return null;
  try {
    const { object } = JSON.parse(text) as { object: Readonly<Record<string, unknown>> };
    return MEMBERS.every((name) => typeof object[name] === 'string') ? (object as unknown as Signed) : null;
  } catch {
    return null;
  }
}
