// The scope of approvals: each may grant less than the request asks for, none may grant more.
import { VaultError } from '../errors.ts';
import type { AccessRequest, Decision } from './access.ts';

/** The scope of one approval. An absent member grants what the request asks for. */
export type Narrowing = { readonly minutes?: number; readonly objects?: readonly string[] };

/** The combined scope, in the form of a row. */
export type ApprovedScope = { readonly minutes: number; readonly objects: readonly string[] };

/** Throws `malformed` where an approval exceeds the request. */
export function requireWithinRequest(
  request: Pick<AccessRequest, 'minutes' | 'objects'>,
  { minutes, objects }: Narrowing,
): void {
  const fields = [
    ...(minutes !== undefined && minutes > request.minutes
      ? [{ pointer: '/minutes', detail: 'exceeds the request' }]
      : []),
    ...(objects?.some((name) => !request.objects.includes(name))
      ? [{ pointer: '/objects', detail: 'has an object that was not requested' }]
      : []),
  ];
  if (fields.length > 0) throw new VaultError('malformed', 'an approval cannot exceed the request', { fields });
}

/** Combines all approvals: the fewest minutes, and the objects that all grant. Throws `malformed` where no object is common. */
export function approvedScope(
  request: Pick<AccessRequest, 'minutes' | 'objects'>,
  decisions: readonly Pick<Decision, 'minutes' | 'objects'>[],
): ApprovedScope {
  const minutes = Math.min(request.minutes, ...decisions.map((one) => one.minutes ?? request.minutes));
  const kept = decisions.map((one) => one.objects ?? request.objects);
  const objects = request.objects.filter((name) => kept.every((names) => names.includes(name)));
  if (objects.length > 0) return { minutes, objects };
  const fields = [{ pointer: '/objects', detail: 'has no object in common with the other approvals' }];
  throw new VaultError('malformed', 'the approvals have no object in common', { fields });
}
