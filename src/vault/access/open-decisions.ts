// A proof to be given over decisions: what of them is possible now, and exactly what the passkey will sign.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { type ApprovedScope, requireWithinRequest } from '../../model/approved-scope.ts';
import { type Check, firstFailure, passes } from '../../model/check.ts';
import type { DecisionInput } from '../../model/decision-input.ts';
import { ruleOf } from '../../model/policy.ts';
import type { Caller } from '../../model/principal.ts';
import { seesAccess } from '../../model/team/scope.ts';
import type { Rows } from '../../ports/database.ts';
import type { RowsToDecide } from '../../ports/rows/look-rows.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import { type OpenedProof, openProof } from '../core/proofs/proof-token.ts';
import type { RequestContext } from '../core/request-context.ts';
import { type TeamsInDecision, teamsInDecision } from '../core/scope/decider-teams.ts';
import { scopeUnder } from '../core/scope/read-scope.ts';
import type { Vault } from '../core/vault.ts';
import { signedValues } from './confirmation.ts';
import { decisionsInOrder, requireWithinBulk } from './decision-order.ts';
import { decisionChecks, scopeOf } from './decision-plan.ts';
import { recordAccessRead } from './record-access-read.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys' | 'challengeKey'>;

/** A proof to be given: over `decisions`, in this order and with these limits. `refused` are not possible now. */
export type OpenedDecisions = OpenedProof & {
  readonly decisions: readonly DecisionInput[];
  readonly refused: readonly { readonly request: string; readonly code: string }[];
};

/**
 * Opens a proof over decisions on requests. Writes nothing but the count of looks. Throws `not_found` where one of them
 * does not exist, `malformed` where one exceeds its request or is named twice, `conflict` for a caller without a passkey,
 * `access_refused` with its checks where none is possible.
 */
export async function openDecisions(
  vault: Deps,
  by: Caller,
  wanted: readonly DecisionInput[],
  request: RequestContext,
): Promise<OpenedDecisions> {
  if (by.signIn === undefined) throw new VaultError('conflict', 'an API key has no passkey');
  const list = decisionsInOrder(wanted);
  const ids = list.map((one) => one.request);
  const { metadataKey } = await recordAccessRead(vault, by, request);
  const { found, earlier, caller, passkeys, teams, now } = await vault.db.read(async (rows) => {
    // Sent together.
    const [asked, decided, principal, own] = await Promise.all([
      rows.looks.toDecide(by, ids),
      rows.access.decisionsOf(by.tenant, ids),
      rows.principals.find(by.tenant, by.principal),
      rows.signIns.passkeys(by.tenant, by.principal),
    ]);
    const visible = await visibleAmong(rows, metadataKey, by, asked);
    const teams = await teamsFor(rows, metadataKey, by, visible);
    // Known from the first of them.
    return { found: visible, earlier: decided, caller: principal, passkeys: own, teams, now: await rows.now() };
  }, request);
  if (caller === null) throw new VaultError('unauthenticated', 'the sign-in has ended');
  requireAuthentic(metadataKey, 'principal', caller);
  const at = { by, caller, confirmed: 'proof', teams, now, metadataKey } as const;
  const looked = list.map((what) => {
    const rows = found.find((one) => one.request.id === what.request);
    if (rows === undefined) throw new VaultError('not_found', 'there is no such request');
    requireAuthentic(metadataKey, 'access_request', rows.request);
    const { policy } = policyOf(metadataKey, rows.policy);
    requireWithinBulk(list, policy);
    requireWithinRequest(rows.request, what, ruleOf(policy, rows.request.purpose), now);
    const before = earlier.filter((one) => one.request === what.request);
    for (const one of before) requireAuthentic(metadataKey, 'decision', one);
    // Signed is what the grant gets: with the limits of earlier approvals.
    const scope = scopeOf(rows.request, what, before, policy, now);
    const signed: DecisionInput = { ...what, ...(scope === null || 'fault' in scope ? {} : limitsOf(scope)) };
    return { row: rows.request, signed, checks: decisionChecks(at, rows, signed, before, scope) };
  });
  if (passkeys.length === 0) throw new VaultError('conflict', 'you have no passkey: add one first');
  const possible = looked.filter(({ checks }) => passes(checks));
  const refused = looked.filter(({ checks }) => !passes(checks));
  if (possible.length === 0) throw nothingPossible(refused[0]?.checks ?? []);
  const values = possible.map(({ row, signed }) => signedValues(row, signed));
  return {
    ...(await openProof(vault, by, passkeys, values, request)),
    decisions: possible.map(({ signed }) => signed),
    refused: refused.map(({ row, checks }) => ({ request: row.id, code: firstFailure(checks) ?? '' })),
  };
}

/** The limits of a decision that give exactly this scope. */
function limitsOf({ minutes, objects, opensUntil }: ApprovedScope) {
  return { minutes, objects, ...(opensUntil === null ? {} : { opensUntil }) };
}

function nothingPossible(checks: readonly Check[]): VaultError {
  return new VaultError('access_refused', 'you cannot decide on this request', { checks });
}

/** The requests that the caller sees; the others look as if they did not exist. */
async function visibleAmong<One extends Pick<RowsToDecide, 'policy' | 'recording' | 'request'>>(
  rows: Rows,
  metadataKey: SecretKey,
  by: Caller,
  found: readonly One[],
): Promise<One[]> {
  const [first] = found;
  if (first === undefined) return [];
  const scope = await scopeUnder(rows, metadataKey, by, first.policy);
  return found.filter(
    ({ recording, request }) => recording !== null && seesAccess(scope, recording, request.requester === by.principal),
  );
}

/** The caller's teams, where the policy asks for them in one of these decisions. */
async function teamsFor(
  rows: Rows,
  metadataKey: SecretKey,
  by: Caller,
  found: readonly Pick<RowsToDecide, 'policy' | 'request'>[],
): Promise<TeamsInDecision | null> {
  const [first] = found;
  if (first === undefined) return null;
  const { policy } = policyOf(metadataKey, first.policy);
  const purposes = found.map(({ request }) => request.purpose);
  return teamsInDecision(rows, metadataKey, by, policy, purposes);
}
