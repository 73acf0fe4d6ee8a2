// Step-up authentication by passkey, before actions that need it.
import { startAuthentication } from '@simplewebauthn/browser';
import { fetchJson } from './client.ts';
import type { Me } from './types.ts';

type StepUpChallenge = { challenge_id: string; options: Parameters<typeof startAuthentication>[0]['optionsJSON'] };

/** How the person can confirm a decision now: by a passkey; as one of the first people by their link; or not at all. */
export type Proof = 'passkey' | 'link' | null;

/** The proof that is valid at a time, in milliseconds of the service's clock. */
export function proofOf(
  { passkeys, link_decides_until: until }: Pick<Me, 'passkeys' | 'link_decides_until'>,
  now: number,
): Proof {
  if (passkeys.length > 0) return 'passkey';
  return until !== null && now < Date.parse(until) ? 'link' : null;
}

/** Asks for the person's passkey and has the service verify it. Throws a problem, or the browser's error. */
export async function stepUp(): Promise<void> {
  const { challenge_id, options } = await fetchJson<StepUpChallenge>('POST', '/v1/step-up/options');
  const response = await startAuthentication({ optionsJSON: options });
  await fetchJson('POST', '/v1/step-up', { body: { challenge_id, response } });
}
