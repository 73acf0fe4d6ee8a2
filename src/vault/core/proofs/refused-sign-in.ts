// Counted events of denied sign-ins: one per minute and link or passkey.

import { countEvent } from '../events/count-events.ts';
import { originSealer } from '../personal/origin.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** The link or passkey that was tried, and its person. */
type Tried = { readonly tenant: string; readonly id: string; readonly principal: string };

/** Counts a denied sign-in in the log of the person's tenant; the first of a minute carries the client address. */
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
