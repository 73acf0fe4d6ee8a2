// The passkeys port. Its library is loaded when the first passkey is used: it is a fifth of all code of the service.
import type { ClaimedAssertion, Passkeys } from '../../ports/passkeys.ts';
import { isCredentialId } from './credential-id.ts';

/** Passkeys of the origin `url` (scheme, host, port). */
export function passkeysOf(url: string): Passkeys {
  const load = async () => (await import('./with-library.ts')).passkeyChecks(url);
  return {
    registrationOptions: async (owner, known, challenge) => (await load()).registrationOptions(owner, known, challenge),
    authenticationOptions: async (known, challenge) => (await load()).authenticationOptions(known, challenge),
    verifyRegistration: async (answer, challenge) => (await load()).verifyRegistration(answer, challenge),
    claimedCredential,
    claimedAssertion,
    keyOf: async (publicKey) => (await load()).keyOf(publicKey),
    verifyAuthentication: async (answer, challenge, credential) =>
      (await load()).verifyAuthentication(answer, challenge, credential),
  };
}

function claimedCredential(answer: unknown): string | null {
  const { id } = membersOf(answer);
  return typeof id === 'string' && isCredentialId(id) ? id : null;
}

/** More than any authenticator or browser writes, and little enough for three of them in an event of the log. */
const MOST_TEXT = 2_048;

function claimedAssertion(answer: unknown): ClaimedAssertion | null {
  const credential = claimedCredential(answer);
  const { authenticatorData, clientDataJSON, signature } = membersOf(membersOf(answer)['response']);
  const [authenticator, client, signed] = [authenticatorData, clientDataJSON, signature].map(base64Of);
  if (credential === null || authenticator == null || client == null || signed == null) return null;
  return { credential, authenticator, client, signature: signed };
}

function base64Of(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > MOST_TEXT || !/^[A-Za-z0-9_-]+$/.test(text)) return null;
  return Buffer.from(text, 'base64url').toString('base64');
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
