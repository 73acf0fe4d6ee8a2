// Counted events of denied access to content: one per person, target and minute.
import { hasCode } from '../../errors.ts';
import type { SubjectOf } from '../../model/log/event-catalogue.ts';
import type { Caller } from '../../model/principal.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Counts the error if it denies access; ignores any other error. */
export async function countRefusal(
  vault: Pick<Vault, 'db' | 'clock'>,
  by: Caller,
  object: SubjectOf<'content.refused'>,
  error: unknown,
  request: RequestContext,
): Promise<void> {
  if (!hasCode(error, 'access_refused', 'session_ended', 'erased')) return;
  const what = {
    tenant: by.tenant,
    actor: actorOf(by),
    action: 'content.refused',
    object,
    outcome: 'refused',
  } as const;
  await countEvent(vault, what, request);
}
