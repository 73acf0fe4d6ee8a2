// What of the passkeys port needs @simplewebauthn/server, for one origin.
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers';
import type { PasskeyCredential, Passkeys } from '../../ports/passkeys.ts';
import { isCredentialId } from './credential-id.ts';

const TIMEOUT_MS = 120_000;

/** The options and checks of the origin `url`; its host is the relying party id (WebAuthn, section 5.1.2). */
export function passkeyChecks(url: string): Omit<Passkeys, 'claimedCredential'> {
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
        if (!isCredentialId(id)) return null;
        return { id, publicKey, counter, transports: transports.filter(isTransport) };
      } catch {
        // The library throws for malformed and for forged answers: neither is a credential.
        return null;
      }
    },
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

/** A transport name from a browser, for a comma-separated column. */
function isTransport(text: string): boolean {
  return /^[a-z-]{1,32}$/.test(text);
}

function toCredentialDescriptor({ id, transports }: Pick<PasskeyCredential, 'id' | 'transports'>) {
  return { id, transports: [...transports] };
}
