// How a person confirmed decisions on requests: by a proof over exactly these decisions.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { AccessRequest } from '../../model/access.ts';
import { type Confirmation, linkDecidesUntil } from '../../model/access-checks.ts';
import { askedLimits, type DecisionInput, decisionAction } from '../../model/decision-input.ts';
import { type DecisionValues, decisionValues } from '../../model/log/proof.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import type { RowsToDecide } from '../../ports/rows/look-rows.ts';
import { type GivenProof, type VerifiedProof, verifyProof } from '../core/proofs/given-proof.ts';
import { requirePasskeys } from '../core/proofs/require-passkeys.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys' | 'challengeKey'>;

/** What a passkey signs of a decision on this request; what is granted is as requested where the decision does not say less. */
export function signedValues(row: AccessRequest, what: DecisionInput): DecisionValues {
  const { id, recording, requester: person, purpose } = row;
  const object = { id, recording, person, purpose, ...(what.decision === 'approve' ? askedLimits(row, what) : {}) };
  return decisionValues(decisionAction(what.decision), object);
}

/** The proof over these decisions, in this order. Throws as `verifyProof`. */
export async function proofOver(
  vault: Deps,
  by: Caller,
  decisions: readonly DecisionInput[],
  given: GivenProof,
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<VerifiedProof> {
  const credential = requirePasskeys(vault).claimedCredential(given.answer);
  const ids = decisions.map((one) => one.request);
  const { found, passkey } = await vault.db.read(async (rows) => {
    // Sent together.
    const [asked, known] = await Promise.all([
      rows.looks.toDecide(by, ids),
      credential === null ? null : rows.signIns.byCredential(credential),
    ]);
    return { found: asked, passkey: known };
  }, request);
  const byId = new Map<string, RowsToDecide>(found.map((one) => [one.request.id, one]));
  const values = decisions.flatMap((one) => {
    const row = byId.get(one.request)?.request;
    return row === undefined ? [] : [signedValues(row, one)];
  });
  return verifyProof(vault, by, given, passkey, values, metadataKey, request);
}

/** How the caller confirmed: by this proof, or as a first person by their link; null for neither. */
export async function confirmationOf(
  rows: Pick<Rows, 'signIns'>,
  by: Caller,
  caller: Pick<Principal, 'first'>,
  proof: VerifiedProof | null,
  now: string,
): Promise<Confirmation> {
  if (proof !== null) return 'proof';
  const until = linkDecidesUntil(caller, by.signIn);
  if (until === null || until <= now) return null;
  return (await rows.signIns.passkeys(by.tenant, by.principal)).length === 0 ? 'link' : null;
}
