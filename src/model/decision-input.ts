// A decision on a request as a person makes it.
import type { AccessRequest, Decision } from './access.ts';
import type { Narrowing } from './approved-scope.ts';
import { eventList } from './audit-event.ts';

/** A decision as a person makes it. Of an approval, an absent member grants what the request asks for. */
export type DecisionInput = Narrowing & { readonly request: string; readonly decision: Decision['decision'] };

/** What an approval asks for, as its event has it: as the request, where it says nothing else. */
export function askedLimits(
  request: Pick<AccessRequest, 'minutes' | 'objects'>,
  { minutes = request.minutes, objects = request.objects, opensUntil }: Narrowing,
) {
  return { minutes, objects: eventList(objects), ...(opensUntil === undefined ? {} : { opens_until: opensUntil }) };
}

/** The action of its event. */
export function decisionAction(decision: Decision['decision']): 'access.approved' | 'access.denied' {
  return decision === 'approve' ? 'access.approved' : 'access.denied';
}
