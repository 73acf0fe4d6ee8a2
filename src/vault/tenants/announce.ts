// The announcement that a new tenant plays to every caller: its notice, and the default basis that names it.
import type { Actor } from '../../model/audit-event.ts';
import { changeByCommand } from '../changes/by-command.ts';
import { writeNotice } from '../core/consent/write-notice.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** What is always played before a call is recorded: its words, in the language of this tag. */
export type Announcement = { readonly language: string; readonly text: string };

/**
 * Adds the notice and has the default basis name it. For a tenant without recordings, whose settings a command changes at once.
 * Throws `not_found`, and as `changeByCommand`.
 */
export async function announce(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate'>,
  by: Actor,
  tenant: string,
  announcement: Announcement,
  request: RequestContext,
): Promise<void> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const { result: notice } = await vault.db.change(async (tx) => {
    requireActive(await tx.tenants.lock(tenant));
    const author = { by, credential: {} };
    const { place, written } = await writeNotice(vault, tx, { tenant, metadataKey }, author, announcement, request);
    return { result: `${place.id}/${place.version}`, events: [written] };
  }, request);
  const wanted = { kind: 'settings', settings: { default_notice: notice } } as const;
  await changeByCommand(vault, by, tenant, wanted, { note: 'the announcement to every caller', alone: false }, request);
}
