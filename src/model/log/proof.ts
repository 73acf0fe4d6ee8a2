// Proofs by passkey: the text that a passkey signs for a list of decisions, and whether an assertion is one over it. Pure: the caller brings SHA-256 and signature checks.
import { base64Of, bytesOfBase64 } from './base64.ts';
import type { LeafValue } from './leaf.ts';

/** What this needs of cryptography. `isSigned` is false for a key that is not ES256 on P-256, EdDSA on Ed25519 or RS256. */
export type ProofCrypto = {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Whether a signature over `data` is by this key (SubjectPublicKeyInfo, DER). */
  readonly isSigned: (key: Uint8Array, data: Uint8Array, signature: Uint8Array) => boolean;
};

/** One decision as it is signed: its action, then its values in the order of the page. */
export type DecisionValues = readonly LeafValue[];

/** An assertion as `proof.given` has it: base64 with padding. */
export type Assertion = {
  readonly key: string;
  readonly authenticator: string;
  readonly client: string;
  readonly signature: string;
};

type Values = Readonly<Record<string, LeafValue | undefined>>;

/** How the text of a proof is written. The service writes and accepts 2 alone; 1 is in older logs. */
export type ProofVersion = 1 | 2;

/** At most so many decisions under one proof. */
export const MOST_DECISIONS = 50;
/** How long a proof may be used, from the time in its id. */
export const PROOF_MS = 5 * 60_000;

const NAMES = ['recording', 'person', 'purpose', 'objects', 'minutes', 'opens_until'] as const;
const NAMES_SINCE_2 = [...NAMES, 'instead_of', 'extension'] as const;
/** SHA-256 of the relying party's id, flags, counter (WebAuthn level 3, section 6.1). */
const LEAST_AUTHENTICATOR = 37;
const FLAGS_AT = 32;
/** User present, user verified. */
const NEEDED_FLAGS = 0x05;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The values of a decision, from its event: `""` for an absent one. Of a passkey they are its id and its key. */
export function decisionValues(action: string, object: Values, version: ProofVersion = 2): DecisionValues {
  if (action === 'passkey.added') return [action, object['id'] ?? '', object['key'] ?? ''];
  const names = version === 1 ? NAMES : NAMES_SINCE_2;
  return [action, object['id'] ?? '', ...names.map((name) => object[name] ?? '')];
}

/** The text whose SHA-256 is the challenge. Canonical JSON: of texts and integers in lists, that is what `stringify` writes. */
export function proofText(
  log: string,
  proof: string,
  decisions: readonly DecisionValues[],
  version: ProofVersion = 2,
): string {
  return JSON.stringify([`callvault/proof@v${version}`, log, proof, decisions]);
}

/** The challenge of a proof, as options and client data have it: base64url without padding. */
export function proofChallenge(text: string, { sha256 }: Pick<ProofCrypto, 'sha256'>): string {
  return urlBase64Of(sha256(new TextEncoder().encode(text)));
}

/** Bytes as WebAuthn writes them: base64url without padding. */
export function urlBase64Of(bytes: Uint8Array): string {
  return base64Of(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * Whether an assertion signs this challenge, at the origin of `url` and not inside another site's page, by an
 * authenticator that verified its user.
 */
export function isProof(given: Assertion, challenge: string, url: string, crypto: ProofCrypto): boolean {
  const [key, authenticator, client] = [
    bytesOfBase64(given.key),
    bytesOfBase64(given.authenticator),
    bytesOfBase64(given.client),
  ];
  const signature = bytesOfBase64(given.signature);
  if (key === null || authenticator === null || client === null || signature === null) return false;
  const { origin, hostname } = new URL(url);
  const data = membersOf(client);
  if (data === null || data['type'] !== 'webauthn.get') return false;
  if (data['challenge'] !== challenge || data['origin'] !== origin) return false;
  // Browsers leave `crossOrigin` out where it is false; `topOrigin` exists only where it is true.
  if ((data['crossOrigin'] ?? false) !== false || data['topOrigin'] !== undefined) return false;
  if (authenticator.length < LEAST_AUTHENTICATOR) return false;
  const host = crypto.sha256(new TextEncoder().encode(hostname));
  if (!host.every((byte, at) => authenticator[at] === byte)) return false;
  if (((authenticator[FLAGS_AT] ?? 0) & NEEDED_FLAGS) !== NEEDED_FLAGS) return false;
  const hashed = crypto.sha256(client);
  const signed = new Uint8Array(authenticator.length + hashed.length);
  signed.set(authenticator);
  signed.set(hashed, authenticator.length);
  return crypto.isSigned(key, signed, signature);
}

/** The members of client data; null where it is not a JSON object. */
function membersOf(client: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const data: unknown = JSON.parse(UTF8.decode(client));
    return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
