// How a change is applied: who does, and what its events say of the second person.
import type { Actor } from '../../model/audit-event.ts';
import type { Marks } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';

/** Who applies, and what the events say of the second person: the change, or `alone: 1`. */
export type Applying = {
  readonly by: Actor;
  readonly marks: Marks;
  readonly request: Pick<RequestContext, 'req'>;
};
