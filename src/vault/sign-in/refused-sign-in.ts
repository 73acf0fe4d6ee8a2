// Refused sign-ins: counted once a minute for each link or passkey that somebody tries.
import { countEvent } from '../core/events/count-events.ts';
import { originSealer } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** What was tried, and whose it is. */
type Tried = { readonly tenant: string; readonly id: string; readonly principal: string };

/** Leaves a refusal in the log of the person's tenant: with where it comes from, of the first in a minute. */
export function countRefusedSignIn(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  type: 'link' | 'passkey',
  { tenant, id, principal }: Tried,
  request: RequestContext,
): Promise<void> {
  const what = {
    tenant,
    actor: { type: 'person', id: principal, auth: 'none' },
    action: 'sign_in.refused',
    object: { type, id },
    outcome: 'refused',
  } as const;
  return countEvent(vault, what, request, () => originSealer(vault, tenant, request));
}
