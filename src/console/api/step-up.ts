// The passkey once more, just before something that counts.
import { startAuthentication } from '@simplewebauthn/browser';
import { fetchJson } from './client.ts';
import type { Me } from './types.ts';

type StepUpChallenge = { challenge_id: string; options: Parameters<typeof startAuthentication>[0]['optionsJSON'] };

/** How the person shows that it is them: by a passkey, by the link they have just come in by, or not at all just now. */
export type Proof = 'passkey' | 'link' | null;

/** The proof that counts at a time, in the service's milliseconds. */
export function proofOf(
  { passkeys, step_up_until: until }: Pick<Me, 'passkeys' | 'step_up_until'>,
  now: number,
): Proof {
  if (passkeys.length > 0) return 'passkey';
  return until !== null && now < Date.parse(until) ? 'link' : null;
}

/** Asks for the person's passkey and has the service look at it. Throws a problem, or what the browser throws. */
export async function stepUp(): Promise<void> {
  const { challenge_id, options } = await fetchJson<StepUpChallenge>('POST', '/v1/step-up/options');
  const response = await startAuthentication({ optionsJSON: options });
  await fetchJson('POST', '/v1/step-up', { body: { challenge_id, response } });
}
