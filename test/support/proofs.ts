// Proofs by passkey: opened in a browser, signed by an authenticator, and given with decisions.
import type { AnswerDefects } from '../../scripts/demo/authenticator.ts';
import type { SteppingUp } from './changes.ts';

export type WantedDecision = {
  readonly request: string;
  readonly decision: 'approve' | 'deny';
  readonly minutes?: number;
  readonly objects?: readonly string[];
  readonly opens_until?: string;
  readonly extend?: boolean;
};

type Opened = {
  readonly challenge_id: string;
  readonly options: object;
  readonly decisions: readonly WantedDecision[];
  readonly refused: readonly { readonly request: string; readonly code: string }[];
};

const OPTIONS = '/v1/access-requests/decide/options';

/** The challenge of a proof over these decisions. */
export async function openProof({ browser }: Pick<SteppingUp, 'browser'>, wanted: readonly WantedDecision[]) {
  const reply = await browser.call('POST', OPTIONS, { json: { decisions: wanted } });
  if (reply.status !== 200) throw new Error(`opening a proof: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Opened;
}

/** The body of decisions that the person's passkey has signed. */
export async function signedDecisions(
  who: Pick<SteppingUp, 'browser' | 'key'>,
  wanted: readonly WantedDecision[],
  wrong: AnswerDefects = {},
) {
  const { challenge_id, options, decisions } = await openProof(who, wanted);
  return { decisions, proof: { challenge_id, response: who.key.prove(options, wrong) } };
}

/** Decides on one request with a proof. */
export async function decideWithProof(
  who: Pick<SteppingUp, 'browser' | 'key'>,
  { request, decision, ...limits }: WantedDecision,
  reason = 'not for this purpose',
): Promise<Response> {
  const { decisions, proof } = await signedDecisions(who, [{ request, decision, ...limits }]);
  const { request: _, decision: __, ...signed } = decisions[0] ?? { request, decision };
  const [path, json] = decision === 'approve' ? ['approve', { ...signed, proof }] : ['deny', { reason, proof }];
  return who.browser.call('POST', `/v1/access-requests/${request}/${path}`, { json });
}
