// Which purposes a recording's basis can be requested for: to offer one first. The service decides.
import type { Policy, Recording } from '../api/types.ts';

/** Whether the purpose takes recordings on this basis. Its consent counts as the policy says. */
export function takesBasis(
  { bases, consent }: Pick<Policy['purposes'][number], 'bases' | 'consent'>,
  basis: Recording['basis'] | undefined,
): boolean {
  if (basis === undefined || basis === null || !bases.includes(basis.kind)) return false;
  if (basis.kind !== 'consent' || consent === 'any') return true;
  const isNoticed = consent === 'noticed' && basis.notice !== undefined;
  return basis.notice_unknown !== true && (basis.defaulted !== true || isNoticed);
}
