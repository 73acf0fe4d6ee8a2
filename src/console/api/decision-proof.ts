// A passkey's confirmation of decisions: the service says what is signed, the person's passkey signs it.
import { startAuthentication } from '@simplewebauthn/browser';
import type { OpenedDecisionsBody } from '../../http/reply-types.ts';
import { fetchJson } from './client.ts';

/** A decision on a request; of an approval, less than was requested where it says so. */
export type DecisionInput = {
  readonly request: string;
  readonly decision: 'approve' | 'deny';
  readonly minutes?: number | undefined;
  readonly objects?: readonly string[] | undefined;
  readonly opens_until?: string | undefined;
  readonly extend?: boolean | undefined;
};

type OptionsJson = Parameters<typeof startAuthentication>[0]['optionsJSON'];

/** Creates the challenge for these decisions, without asking the passkey: what is possible, and what is not. */
export function openDecisions(decisions: readonly DecisionInput[], signal?: AbortSignal): Promise<OpenedDecisionsBody> {
  const path = '/v1/access-requests/decide/options';
  return fetchJson('POST', path, { body: { decisions }, signal, background: signal !== undefined });
}

/** What the person's passkey has signed, and its proof. Throws a problem, or the browser's error. */
export async function confirmDecisions(decisions: readonly DecisionInput[]) {
  const opened = await openDecisions(decisions);
  const optionsJSON = opened.options as unknown as OptionsJson;
  const response = await startAuthentication({ optionsJSON });
  return { ...opened, proof: { challenge_id: opened.challenge_id, response } };
}
