// A new passkey: the browser makes it, and one that the person already has confirms a further one.
import { sendSignal, startAuthentication, startRegistration } from '@simplewebauthn/browser';
import type { PasskeyProofOptionsBody } from '../../http/reply-types.ts';
import { fetchJson } from './client.ts';
import type { Me } from './types.ts';

type CreationOptions = Parameters<typeof startRegistration>[0]['optionsJSON'];
type RequestOptions = Parameters<typeof startAuthentication>[0]['optionsJSON'];
type Registration = { readonly challenge_id: string; readonly response: { readonly id: string } };

/** A further passkey that the browser has made and that does not work yet, with the proof that is asked for. */
export type UnconfirmedPasskey = {
  readonly registration: Registration;
  readonly rpId: string | undefined;
  readonly opened: PasskeyProofOptionsBody;
};

/** Has the browser make a passkey. Throws a problem, or the browser's error. */
async function makePasskey() {
  type Creation = { challenge_id: string; options: CreationOptions };
  const { challenge_id, options } = await fetchJson<Creation>('POST', '/v1/passkeys/options');
  const response = await startRegistration({ optionsJSON: options });
  return { registration: { challenge_id, response }, rpId: options.rp.id };
}

/** Adds the first passkey of a person who signed in by link. */
export async function addFirstPasskey(label: string): Promise<void> {
  const { registration } = await makePasskey();
  await fetchJson('POST', '/v1/passkeys', { body: { ...registration, label } });
}

/** Has the browser make a further passkey, and asks what has to confirm it. */
export async function makeFurtherPasskey(): Promise<UnconfirmedPasskey> {
  const { registration, rpId } = await makePasskey();
  const path = '/v1/passkeys/proof/options';
  const opened = await fetchJson<PasskeyProofOptionsBody>('POST', path, { body: registration });
  return { registration, rpId, opened };
}

/** Adds a further passkey, once one that the person already has has signed it. Throws a problem, or the browser's error. */
export async function confirmPasskey({ registration, opened }: UnconfirmedPasskey, label: string): Promise<void> {
  const { passkey, challenge_id, options } = opened;
  const response = await startAuthentication({ optionsJSON: options as unknown as RequestOptions });
  const proof = { passkey, challenge_id, response };
  await fetchJson('POST', '/v1/passkeys', { body: { ...registration, label, proof } });
}

/**
 * Whether the passkey was added, although its reply was lost. Has the browser forget one that was not, which works nowhere,
 * where it can.
 */
export async function wasAdded({ registration, rpId, opened }: UnconfirmedPasskey): Promise<boolean> {
  const { passkeys } = await fetchJson<Me>('GET', '/v1/me');
  if (passkeys.some(({ id }) => id === opened.passkey)) return true;
  const credentialID = registration.response.id;
  if (rpId !== undefined)
    await sendSignal({ signalName: 'unknownCredential', rpID: rpId, credentialID }).catch(() => undefined);
  return false;
}
