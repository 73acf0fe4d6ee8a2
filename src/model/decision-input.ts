// A decision on a request as a person makes it.
import type { AccessRequest, Decision } from './access.ts';
import type { Narrowing } from './approved-scope.ts';
import { eventList } from './audit-event.ts';

/** A decision as a person makes it. Of an approval, an absent member grants what the request asks for. */
export type DecisionInput = Narrowing & { readonly request: string; readonly decision: Decision['decision'] };

/** What an approval asks for, as its event has it: as the request, where it says nothing else. `extension`: excluded by it. */
export function askedLimits(
  request: Pick<AccessRequest, 'minutes' | 'objects'>,
  { minutes = request.minutes, objects = request.objects, opensUntil, extend }: Narrowing,
) {
  const until = opensUntil === undefined ? {} : { opens_until: opensUntil };
  return { minutes, objects: eventList(objects), ...until, ...extensionMember(extend) };
}

/** What the event of an approval says of the one extension: only that this person excluded it. */
export function extensionMember(extend: boolean | undefined): { readonly extension?: 'none' } {
  return extend === false ? { extension: 'none' } : {};
}

/** The action of its event. */
export function decisionAction(decision: Decision['decision']): 'access.approved' | 'access.denied' {
  return decision === 'approve' ? 'access.approved' : 'access.denied';
}
