// The start of a change by a grant's holder: the grant is locked, and the checks that opening and extending share.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Grant } from '../../model/access.ts';
import { grantChecks, recordingChecks } from '../../model/access-checks.ts';
import type { Check } from '../../model/check.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased } from '../../model/recording.ts';
import { trainingChecks } from '../../model/training.ts';
import type { Transaction } from '../../ports/database.ts';
import { type AccessContext, accessContextOf } from '../access/context.ts';
import { lockedAccess } from '../access/locked-access.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';

/** A locked grant, the checks of its recording and of itself, what they compared, and the transaction's time. */
export type LockedGrant = {
  readonly grant: Grant;
  readonly checks: readonly Check[];
  readonly context: AccessContext;
  readonly now: string;
};

/**
 * Locks the caller's own grant with its recording: an erasure or a revocation waits, and ends what is open after it.
 * Throws `not_found`, `erased`, `integrity`, and as `lockedAccess`.
 */
export async function lockOwnGrant(
  tx: Transaction,
  metadataKey: SecretKey,
  by: Caller,
  id: string,
): Promise<LockedGrant> {
  const lock = () => tx.looks.lockToOpen(by, id);
  const { caller, found, now } = await lockedAccess(tx, metadataKey, by, lock, 'there is no such grant');
  const { grant } = found;
  if (grant.person !== by.principal) throw new VaultError('not_found', 'there is no such grant');
  if (isErased(found.recording)) throw new VaultError('erased', 'this recording was erased');
  requireAuthentic(metadataKey, 'access_grant', grant);
  const context = accessContextOf(metadataKey, { ...found, person: caller });
  const checks = [
    ...recordingChecks(context, grant.purpose),
    ...trainingChecks(context, grant.purpose, now),
    ...grantChecks(grant, context.person, now),
  ];
  return { grant, checks, context, now };
}
