// What of the passkeys port needs @simplewebauthn/server, for one origin.
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, decodeCredentialPublicKey, isoBase64URL } from '@simplewebauthn/server/helpers';
import type { PasskeyCredential, Passkeys } from '../../ports/passkeys.ts';
import { isCredentialId } from './credential-id.ts';

const TIMEOUT_MS = 120_000;

/** The options and checks of the origin `url`; its host is the relying party id (WebAuthn, section 5.1.2). */
export function passkeyChecks(url: string): Omit<Passkeys, 'claimedCredential' | 'claimedAssertion'> {
  const { hostname: rpID, origin } = new URL(url);
  return {
    registrationOptions: ({ id, name }, known, challenge) =>
      generateRegistrationOptions({
        challenge: isoBase64URL.toBuffer(challenge),
        rpName: 'callvault',
        rpID,
        userID: new TextEncoder().encode(id),
        userName: name,
        userDisplayName: name,
        timeout: TIMEOUT_MS,
        attestationType: 'none',
        excludeCredentials: known.map(toCredentialDescriptor),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      }),
    authenticationOptions: (known, challenge) => {
      const allowed = known.length === 0 ? {} : { allowCredentials: known.map(toCredentialDescriptor) };
      return generateAuthenticationOptions({
        challenge: isoBase64URL.toBuffer(challenge),
        rpID,
        timeout: TIMEOUT_MS,
        userVerification: 'required',
        ...allowed,
      });
    },
    verifyRegistration: async (answer, challenge) => {
      try {
        const response = answer as Parameters<typeof verifyRegistrationResponse>[0]['response'];
        if (isCertified(response.response.attestationObject)) return null;
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response,
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: true,
        });
        if (!verified || registrationInfo === undefined) return null;
        const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
        if (!isCredentialId(id) || spkiOf(publicKey) === null) return null;
        return { id, publicKey, counter, transports: transports.filter(isTransport) };
      } catch {
        // The library throws for malformed and for forged answers: neither is a credential.
        return null;
      }
    },
    keyOf: (publicKey) => Promise.resolve(spkiOf(publicKey)),
    verifyAuthentication: async (answer, challenge, { id, publicKey, counter, transports }) => {
      try {
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response: answer as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpID,
          credential: { id, publicKey: new Uint8Array(publicKey), counter, transports: [...transports] },
          requireUserVerification: true,
        });
        return verified ? authenticationInfo.newCounter : null;
      } catch {
        return null;
      }
    },
  };
}

/**
 * Whether the answer contains an attestation with certificates. None was requested, so browsers remove it (WebAuthn,
 * section 5.1.3). The library would fetch addresses that the sender's certificates name.
 */
function isCertified(attestation: string): boolean {
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestation));
  const isBare = decoded.get('fmt') === 'none' || decoded.get('fmt') === 'packed';
  return !isBare || decoded.get('attStmt').get('x5c') !== undefined;
}

/** Labels of a COSE_Key (RFC 9052, section 7; RFC 9053, section 7), and the values that passkeys here have. */
const [KTY, ALG] = [1, 3];
const [OKP, EC2, RSA] = [1, 2, 3];

/** The key as SubjectPublicKeyInfo. Null for another algorithm or curve than the options name. */
function spkiOf(publicKey: Uint8Array): Uint8Array | null {
  try {
    const jwk = jwkOf(decodeCredentialPublicKey(new Uint8Array(publicKey)) as unknown as CoseKey);
    return jwk === null ? null : createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' });
  } catch {
    return null;
  }
}

type CoseKey = ReadonlyMap<number, unknown>;

function jwkOf(key: CoseKey): JsonWebKey | null {
  const text = (label: number): string => Buffer.from(key.get(label) as Uint8Array).toString('base64url');
  const kind = [key.get(KTY), key.get(ALG), key.get(-1)].join();
  if (kind === [EC2, -7, 1].join()) return { kty: 'EC', crv: 'P-256', x: text(-2), y: text(-3) };
  if (kind === [OKP, -8, 6].join()) return { kty: 'OKP', crv: 'Ed25519', x: text(-2) };
  return key.get(KTY) === RSA && key.get(ALG) === -257 ? { kty: 'RSA', n: text(-1), e: text(-2) } : null;
}

/** A transport name from a browser, for a comma-separated column. */
function isTransport(text: string): boolean {
  return /^[a-z-]{1,32}$/.test(text);
}

function toCredentialDescriptor({ id, transports }: Pick<PasskeyCredential, 'id' | 'transports'>) {
  return { id, transports: [...transports] };
}
