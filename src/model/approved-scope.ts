// What approvals leave of a request: each may leave less than was asked for, none of them more.
import { VaultError } from '../errors.ts';
import type { AccessRequest, Decision } from './access.ts';

/** What one approval leaves: absent members as they were asked for. */
export type Narrowing = { readonly minutes?: number; readonly objects?: readonly string[] };

/** What is left. */
export type ApprovedScope = { readonly minutes: number; readonly objects: readonly string[] };

/** Throws `malformed` where an approval would give more than was asked for. */
export function requireWithinRequest(
  asked: Pick<AccessRequest, 'minutes' | 'objects'>,
  { minutes, objects }: Narrowing,
): void {
  const fields = [
    ...(minutes !== undefined && minutes > asked.minutes
      ? [{ pointer: '/minutes', detail: 'is more than was asked for' }]
      : []),
    ...(objects?.some((name) => !asked.objects.includes(name))
      ? [{ pointer: '/objects', detail: 'has what was not asked for' }]
      : []),
  ];
  if (fields.length > 0) throw new VaultError('malformed', 'an approval gives no more than was asked for', { fields });
}

/** What all approvals together leave: the fewest minutes, and what none of them took. Throws `malformed` for nothing. */
export function approvedScope(
  asked: Pick<AccessRequest, 'minutes' | 'objects'>,
  decisions: readonly Pick<Decision, 'minutes' | 'objects'>[],
): ApprovedScope {
  const minutes = Math.min(asked.minutes, ...decisions.map((one) => one.minutes ?? asked.minutes));
  const kept = decisions.map((one) => one.objects ?? asked.objects);
  const objects = asked.objects.filter((name) => kept.every((names) => names.includes(name)));
  if (objects.length > 0) return { minutes, objects };
  const fields = [{ pointer: '/objects', detail: 'leaves nothing that the other approvals leave' }];
  throw new VaultError('malformed', 'the approvals leave nothing to be heard', { fields });
}
