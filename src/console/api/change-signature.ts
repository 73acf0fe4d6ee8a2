// A passkey's signature of a change: what is signed is the proposal as the log has it.
import { startAuthentication } from '@simplewebauthn/browser';
import type { OpenedSignatureBody } from '../../http/reply-types.ts';
import { fetchJson, newIdempotencyKey } from './client.ts';
import { problemOf } from './problem.ts';

type OptionsJson = Parameters<typeof startAuthentication>[0]['optionsJSON'];

/** Signs a change, as its proposer or to approve it. Throws a problem, or the browser's error. */
export async function signChange(id: string, verb: 'sign' | 'approve', key = newIdempotencyKey()): Promise<void> {
  const { options } = await fetchJson<OpenedSignatureBody>('POST', `/v1/changes/${id}/options`);
  const response = await startAuthentication({ optionsJSON: options as unknown as OptionsJson });
  await fetchJson('POST', `/v1/changes/${id}/${verb}`, { body: { response }, key });
}

/**
 * Proposes a change and signs it. Where the passkey is cancelled, or the person has none, the change waits for the
 * signature on its page: then `isSigned` is false. Throws a problem where the proposal is not possible.
 */
export async function proposeChange(body: object, key: string): Promise<{ id: string; isSigned: boolean }> {
  const { id } = await fetchJson<{ id: string }>('POST', '/v1/changes', { body, key });
  try {
    await signChange(id, 'sign');
    return { id, isSigned: true };
  } catch (error) {
    const problem = problemOf(error);
    if (problem !== null && problem.code !== 'conflict') throw error;
    return { id, isSigned: false };
  }
}
