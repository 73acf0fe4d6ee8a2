// The passkeys port. Its library is loaded when the first passkey is used: it is a fifth of all code of the service.
import type { Passkeys } from '../../ports/passkeys.ts';
import { isCredentialId } from './credential-id.ts';

/** Passkeys of the origin `url` (scheme, host, port). */
export function passkeysOf(url: string): Passkeys {
  const load = async () => (await import('./with-library.ts')).passkeyChecks(url);
  return {
    registrationOptions: async (owner, known, challenge) => (await load()).registrationOptions(owner, known, challenge),
    authenticationOptions: async (known, challenge) => (await load()).authenticationOptions(known, challenge),
    verifyRegistration: async (answer, challenge) => (await load()).verifyRegistration(answer, challenge),
    claimedCredential: (answer) => {
      const id = typeof answer === 'object' && answer !== null && 'id' in answer ? answer.id : null;
      return typeof id === 'string' && isCredentialId(id) ? id : null;
    },
    verifyAuthentication: async (answer, challenge, credential) =>
      (await load()).verifyAuthentication(answer, challenge, credential),
  };
}
