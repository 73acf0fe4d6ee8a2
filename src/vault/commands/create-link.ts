// A sign-in link by an operator's command, once another person confirmed it.
import { newId } from '../../bytes/ids.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { LinkBody } from '../../model/change/command.ts';
import { type CarriedOut, type CarryOutOptions, carryOut } from '../changes/carry-out.ts';
import { lockDeployment, type Owner, tenantLock } from '../changes/owner.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { insertLink, type LinkInput, type NewLink, requireLinkable, requireMinutes } from '../sign-in/links.ts';

type Created = { readonly link: NewLink; readonly sessions: readonly string[] };

/** Creates a link, or opens a change. Throws as `createLink` and `carryOut`. */
export async function createLinkByCommand(
  vault: Pick<Vault, 'db' | 'sessionKeys' | 'metadataKeys'>,
  by: Actor,
  what: LinkInput,
  options: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<LinkBody, Created>> {
  requireMinutes(what.minutes);
  const { tenant, principal, minutes, replacePasskeys } = what;
  const outcome = await carryOut<LinkBody, Created, Owner>(
    vault,
    by,
    {
      tenant,
      lock: tenant === DEPLOYMENT ? lockDeployment : await tenantLock(vault, tenant, request),
      locks: [principal],
      draft: async ({ tx, owner }, approved) => {
        await requireLinkable(tx, owner.metadataKey, what);
        const link = approved?.link ?? newId('lnk');
        return { v: 1, kind: 'link', link, person: principal, minutes, replace_passkeys: replacePasskeys };
      },
      act: ({ tx, owner }, { link }, marks) =>
        insertLink(tx, owner.metadataKey, what, { id: link, by, marks, request }),
    },
    options,
    request,
  );
  if (outcome.done) for (const session of outcome.result.sessions) vault.sessionKeys.end(session);
  return outcome;
}
