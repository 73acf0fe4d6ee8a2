// A proof to be given over an assignment: what of it is possible now, and exactly what the passkey will sign.
import { newId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { BatchInput } from '../../model/assignment-checks.ts';
import { eventList } from '../../model/audit-event.ts';
import { firstFailure, passes } from '../../model/check.ts';
import { type DecisionValues, decisionValues } from '../../model/log/proof.ts';
import type { Caller } from '../../model/principal.ts';
import { recordAccessRead } from '../access/record-access-read.ts';
import { type OpenedProof, openProof } from '../core/proofs/proof-token.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { readAssignmentRows } from './assignment-rows.ts';
import { type Assignment, idsOf, planAssignment, requireWithinBulk, type SignedAssignment } from './plan.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'passkeys' | 'challengeKey'>;

/** A proof to be given over `assignments`, in this order. `refused` are not possible now, and are not signed. */
export type OpenedBatch = OpenedProof & {
  readonly assignments: readonly SignedAssignment[];
  readonly refused: readonly (Assignment & { readonly code: string })[];
};

/** What a passkey signs of one assignment. */
export function assignedValues(
  { id, recording, reviewer, minutes, insteadOf }: SignedAssignment,
  batch: BatchInput,
): DecisionValues {
  const { purpose, objects, due } = batch;
  const object = { id, recording, person: reviewer, purpose, objects: eventList(objects), minutes, opens_until: due };
  return decisionValues('access.assigned', { ...object, ...(insteadOf === null ? {} : { instead_of: insteadOf }) });
}

/**
 * Opens a proof over an assignment. Writes nothing but the count of looks. Throws `not_found` for what the caller cannot
 * see, `malformed`, `conflict` for a caller without a passkey, `access_refused` with its checks where none is possible.
 */
export async function openBatch(
  vault: Deps,
  by: Caller,
  batch: BatchInput,
  wanted: readonly Assignment[],
  request: RequestContext,
): Promise<OpenedBatch> {
  if (by.signIn === undefined) throw new VaultError('conflict', 'an API key has no passkey');
  const ids = idsOf(wanted);
  const { metadataKey } = await recordAccessRead(vault, by, request);
  const { rows, passkeys } = await vault.db.read(async (read) => {
    const rows = await readAssignmentRows(read, metadataKey, by, ids);
    return { rows, passkeys: await read.signIns.passkeys(by.tenant, by.principal) };
  }, request);
  requireWithinBulk(wanted.length, rows);
  const planned = wanted.map((one) => ({ one, ...planAssignment(rows, metadataKey, batch, one) }));
  if (passkeys.length === 0) throw new VaultError('conflict', 'you have no passkey: add one first');
  // A queue has the calls of a batch in the order of their start.
  const possible = planned
    .filter(({ checks }) => passes(checks))
    .sort((a, b) => (a.recording.startedAt < b.recording.startedAt ? -1 : 1));
  const refused = planned.filter(({ checks }) => !passes(checks));
  if (possible.length === 0) {
    const [first] = refused;
    throw new VaultError('access_refused', 'you cannot assign this', { checks: first?.checks ?? [] });
  }
  const assignments = possible.map(({ one, minutes }) => ({ ...one, id: newId('grt'), minutes }));
  const values = assignments.map((one) => assignedValues(one, batch));
  return {
    ...(await openProof(vault, by, passkeys, values, request)),
    assignments,
    refused: refused.map(({ one, checks }) => ({ ...one, code: firstFailure(checks) ?? '' })),
  };
}
