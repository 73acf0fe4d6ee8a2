// Changes by an operator's command: proposed to a second person; done at once where there is none yet, or alone.
import type { Actor, Receipt } from '../../model/audit-event.ts';
import type { AppliedBody, ChangeBody } from '../../model/change/body.ts';
import type { Change } from '../../model/change/change.ts';
import { idsIn } from '../../model/change/people.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { applyBody } from './apply.ts';
import { lockChanged } from './apply-people.ts';
import { noChange } from './context.ts';
import { withdraw } from './decide.ts';
import { humansGaining } from './gaining.ts';
import { type OpenedByCommand, openByCommand } from './open-by-command.ts';
import { type AppliedAtOnce, type Drafted, draftChange, requireSameBase } from './proposal.ts';
import { confirmerOf } from './second-person.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate'>;

/** How a command acts: its reason, and whether it acts although the tenant has a second person. */
export type CommandOptions = { readonly note: string; readonly alone: boolean };

/** What a command did, or the change that it opened and who confirms it. */
export type CommandOutcome = { readonly body: ChangeBody } & ({ readonly done: true } | OpenedByCommand);

/**
 * Does what an operator's command wants or drafted, or opens a change. Throws `not_found` for a tenant that is not active,
 * `conflict` where the tenant changed since the draft, and as `draftChange`.
 */
export async function changeByCommand(
  vault: Deps,
  by: Actor,
  tenant: string,
  wanted: AppliedAtOnce | Drafted<AppliedBody>,
  { note, alone }: CommandOptions,
  request: RequestContext,
): Promise<CommandOutcome> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const people = 'body' in wanted || wanted.kind !== 'people' ? [] : idsIn(wanted.people);
  const { result, receipts } = await vault.db.change<(receipts: readonly Receipt[]) => CommandOutcome>(async (tx) => {
    await lockChanged(tx, tenant, people);
    const row = requireActive(await tx.tenants.lock(tenant));
    const owner = { id: tenant, tenant: row, metadataKey };
    const drafted = 'body' in wanted ? wanted : await draftChange(tx, metadataKey, row, wanted);
    const confirmer = await confirmerOf(tx, tenant, by.id, await humansGaining(tx, tenant, drafted.body));
    if (confirmer === null || alone) {
      await requireSameBase(tx, owner, drafted);
      const marks = confirmer === null ? {} : { alone: 1 };
      const events = await applyBody(vault, tx, metadataKey, row, drafted.body, { by, marks, request });
      return { result: () => ({ body: drafted.body, done: true }), events };
    }
    const { result: opened, ...more } = await openByCommand(tx, owner, drafted, { by, note, confirmer }, request);
    return { result: (at) => ({ body: drafted.body, ...opened(at) }), ...more };
  }, request);
  return result(receipts);
}

/** Withdraws a change that a command of the same operator proposed. Throws `not_found`, `change_refused`. */
export async function withdrawByCommand(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  id: string,
  request: RequestContext,
): Promise<Change> {
  const { result } = await vault.db.change(async (tx) => {
    const found = await tx.changes.byId(id);
    const change = found === null ? null : await tx.changes.lock(found.tenant, id);
    if (change === null || !change.byCommand || change.proposer !== by.id) throw noChange();
    const withdrawn = await withdraw(tx, change, by.id);
    const made = event(change.tenant, by, 'change.withdrawn', { id, kind: change.kind }, request);
    return { result: withdrawn, events: [made] };
  }, request);
  return result;
}
