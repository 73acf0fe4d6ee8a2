// What dangerous commands do: at once where no one else can confirm it, or alone; else once a change of it is approved.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Actor, Receipt } from '../../model/audit-event.ts';
import { isCommandBody } from '../../model/change/body.ts';
import type { Change } from '../../model/change/change.ts';
import type { CommandBody } from '../../model/change/command.ts';
import { changeEffects } from '../../model/change/effects.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Change as Outcome, Transaction } from '../../ports/database.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { findTenant, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import type { Applying } from './applying.ts';
import { currentBase } from './base.ts';
import type { CommandOptions, OpenedByCommand } from './by-command.ts';
import { move } from './decide.ts';
import { humansGaining } from './gaining.ts';
import { makeProposal } from './proposal.ts';
import { bodyOf } from './sealed-texts.ts';
import { confirmerOf, operatorsSign } from './second-person.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys'>;

/** How a dangerous command acts; `change`: the approved change that it carries out. */
export type CarryOutOptions = CommandOptions & { readonly change: string | null };

/** What the command did, or the change that it opened. */
export type CarriedOut<Body, T> = { readonly body: Body } & (
  | { readonly done: true; readonly result: T }
  | OpenedByCommand
);

/** The transaction in which a command drafts and acts. */
export type CommandScope = {
  readonly tx: Transaction;
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
};

/**
 * A dangerous act on a tenant. `locks`: the people whose rows it changes. `draft` makes the body, with the ids of
 * `approved` or new ones, and throws where the act is not possible. `act` does it; its events have the marks.
 */
export type DangerousAct<Body extends CommandBody, T> = {
  readonly tenant: string;
  readonly locks: readonly string[];
  readonly draft: (scope: CommandScope, approved: Body | null) => Promise<Body>;
  readonly act: (
    scope: CommandScope,
    body: Body,
    marks: Applying['marks'],
  ) => Promise<Pick<Outcome<T>, 'result' | 'events' | 'placed'>>;
};

/**
 * Carries out a dangerous act in one transaction, or opens a change for it. With `change`, the change must be APPROVED for
 * exactly this act, and serves once. Throws `not_found`, `conflict` where the change does not allow it, and as the act.
 */
export async function carryOut<Body extends CommandBody, T>(
  vault: Deps,
  by: Actor,
  what: DangerousAct<Body, T>,
  { note, alone, change }: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<Body, T>> {
  const found = await findTenant(vault, what.tenant, request);
  if (found === null) throw new VaultError('not_found', 'there is no such tenant');
  const metadataKey = await vault.metadataKeys.get(found, request);
  const { result, receipts } = await vault.db.change<(at: readonly Receipt[]) => CarriedOut<Body, T>>(async (tx) => {
    // Before the tenant, as everywhere (decision 0012).
    for (const id of [...what.locks].sort()) await tx.principals.lock(what.tenant, id);
    const tenant = await tx.tenants.lock(what.tenant);
    if (tenant === null) throw new VaultError('not_found', 'there is no such tenant');
    const scope = { tx, tenant, metadataKey };
    if (change !== null) return carryOutApproved(scope, by, what, change, request);
    const body = await what.draft(scope, null);
    const confirmer = await confirmerOf(tx, what.tenant, by.id, await humansGaining(tx, what.tenant, body));
    if (confirmer === null || alone) {
      const { result: made, ...more } = await what.act(scope, body, confirmer === null ? {} : { alone: 1 });
      return { result: () => ({ body, done: true, result: made }), ...more };
    }
    const proposer = { by, proposer: by.id, byCommand: true, note, credential: {} };
    const drafted = { body, preview: null };
    const proposal = await makeProposal(tx, metadataKey, requireActive(tenant), drafted, proposer, request);
    const signs = await operatorsSign(tx);
    const opened = (at: readonly Receipt[]) =>
      ({ body, done: false, change: proposal.row(at), signs, confirmer }) as const;
    return { result: opened, events: [proposal.made], placed: proposal.insert };
  }, request);
  return result(receipts);
}

async function carryOutApproved<Body extends CommandBody, T>(
  scope: CommandScope,
  by: Actor,
  { draft, act }: DangerousAct<Body, T>,
  id: string,
  request: Pick<RequestContext, 'req'>,
) {
  const { tx, tenant, metadataKey } = scope;
  const { change, body: approved } = await approvedChange(scope, by, id);
  // The same kind is the same type of body: a body of another kind has another digest.
  const body = await draft(scope, approved as Body);
  if (canonicalDigest(body) !== canonicalDigest(approved))
    throw new VaultError('conflict', `${id} was approved for something else: run the command as it was proposed`);
  if ((await currentBase(tx, metadataKey, tenant, body)) !== change.base)
    throw new VaultError('conflict', `what ${id} builds on changed since: propose it again`);
  const { result: made, events, ...more } = await act(scope, body, { change: id });
  const named = events.filter(({ object }) => object['change'] === id);
  if (changeEffects(named) !== change.effects)
    throw new VaultError('internal', 'a command must do exactly what was approved');
  await move(tx, metadataKey, change, 'APPLIED', {});
  const applied = event(tenant.tenant, by, 'change.applied', { id, kind: body.kind }, request);
  return { result: () => ({ body, done: true, result: made }) as const, events: [...events, applied], ...more };
}

/** The change of this id that the operator's command may carry out now, locked, and its body. */
async function approvedChange(
  { tx, tenant, metadataKey }: CommandScope,
  by: Actor,
  id: string,
): Promise<{ readonly change: Change; readonly body: CommandBody }> {
  const change = await tx.changes.lock(tenant.tenant, id);
  if (change === null || !change.byCommand || change.proposer !== by.id)
    throw new VaultError('not_found', 'the same operator proposed no such change for this tenant');
  requireActive(tenant);
  if (change.state !== 'APPROVED')
    throw new VaultError('conflict', `${id} is ${change.state.toLowerCase()}: only an approved change is carried out`);
  if (change.expires <= (await tx.now()))
    throw new VaultError('conflict', `the approval of ${id} has expired: propose it again`);
  requireAuthentic(metadataKey, 'change', change);
  const body = bodyOf(metadataKey, change);
  if (!isCommandBody(body)) throw new VaultError('conflict', `${id} is applied without a command`);
  return { change, body };
}
