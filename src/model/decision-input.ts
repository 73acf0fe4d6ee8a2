// A decision on a request as a person makes it.
import type { Decision } from './access.ts';
import type { Narrowing } from './approved-scope.ts';

/** A decision as a person makes it. Of an approval, an absent member grants what the request asks for. */
export type DecisionInput = Narrowing & { readonly request: string; readonly decision: Decision['decision'] };

/** The action of its event. */
export function decisionAction(decision: Decision['decision']): 'access.approved' | 'access.denied' {
  return decision === 'approve' ? 'access.approved' : 'access.denied';
}
