// What dangerous commands do: at once where no one else can confirm it, or alone; else once a change of it is approved.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent, Receipt } from '../../model/audit-event.ts';
import { isCommandBody } from '../../model/change/body.ts';
import type { Change } from '../../model/change/change.ts';
import type { CommandBody } from '../../model/change/command.ts';
import { changeEffects } from '../../model/change/effects.ts';
import type { Change as Outcome, Transaction } from '../../ports/database.ts';
import { requireAuthenticChange } from '../core/authority/logged-change.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import { type Marks, type Permit, permitWithout } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { ownersBase } from './base.ts';
import type { CommandOptions } from './by-command.ts';
import { move } from './decide.ts';
import { humansGaining } from './gaining.ts';
import { type CommandProposal, type OpenedByCommand, openByCommand } from './open-by-command.ts';
import { lockDeployment, type Owner, type OwnerLock, type TenantOwner, tenantLock } from './owner.ts';
import { bodyOf } from './sealed-texts.ts';
import { confirmerOf } from './second-person.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys'>;

/** How a dangerous command acts; `change`: the approved change that it carries out. */
export type CarryOutOptions = CommandOptions & { readonly change: string | null };

/** What the command did, or the change that it opened. */
export type CarriedOut<Body, T> = { readonly body: Body } & (
  | { readonly done: true; readonly result: T }
  | OpenedByCommand
);

/** The transaction in which a command drafts and acts, and on what. */
export type CommandScope<O extends Owner = TenantOwner> = { readonly tx: Transaction; readonly owner: O };

/** What an act did in its transaction. */
export type Acted<T> = Pick<Outcome<T>, 'result' | 'events' | 'erasures' | 'placed'>;

/**
 * A dangerous act on a tenant or the deployment, in one transaction. `locks`: the people whose rows it changes. `draft`
 * makes the body, with the ids of `approved` or new ones, and throws where the act is not possible. `act` does it; its
 * events have the marks.
 */
export type DangerousAct<Body extends CommandBody, T, O extends Owner = TenantOwner> = {
  readonly tenant: string;
  readonly lock: OwnerLock<O>;
  readonly locks: readonly string[];
  readonly draft: (scope: CommandScope<O>, approved: Body | null) => Promise<Body>;
  readonly act: (scope: CommandScope<O>, body: Body, marks: Marks) => Promise<Acted<T>>;
};

/**
 * Carries out a dangerous act, or opens a change for it. With `change`, the change must be APPROVED for exactly this act,
 * and serves once. Throws `not_found`, `conflict` where the change does not allow it, and as the act.
 */
export async function carryOut<Body extends CommandBody, T, O extends Owner>(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  what: DangerousAct<Body, T, O>,
  { note, alone, change }: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<Body, T>> {
  const { result, receipts } = await vault.db.change<(at: readonly Receipt[]) => CarriedOut<Body, T>>(async (tx) => {
    // Before the tenant, as everywhere (decision 0012).
    for (const id of [...what.locks].sort()) await tx.principals.lock(what.tenant, id);
    const scope = { tx, owner: await what.lock(tx) };
    if (change !== null) return carryOutApproved(scope, by, what, change, request);
    const body = await what.draft(scope, null);
    const find = async () => confirmerOf(tx, what.tenant, by.id, await humansGaining(tx, what.tenant, body));
    const confirmer = await find();
    if (confirmer !== null && !alone) return open(scope, body, { by, note, confirmer }, request);
    const { result: made, ...acted } = await what.act(scope, body, confirmer === null ? {} : { alone: 1 });
    const placed = async (receipts: readonly Receipt[]): Promise<void> => {
      // Nothing locks the deployment: another operator's first passkey may have come before this event.
      if (confirmer === null && scope.owner.tenant === null && (await find()) !== null) throw nowConfirmed();
      await acted.placed?.(receipts);
    };
    return { result: () => ({ body, done: true, result: made }), ...acted, placed };
  }, request);
  return result(receipts);
}

/**
 * What the events of an act say that needs no change and gains no one anything; null where it needs a change, or carries
 * one out.
 */
export async function marksAtOnce(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  tenant: string,
  { alone, change }: Pick<CarryOutOptions, 'alone' | 'change'>,
  request: RequestContext,
): Promise<Marks | null> {
  if (change !== null) return null;
  const confirmer = await vault.db.read((rows) => confirmerOf(rows, tenant, by.id, []), request);
  if (confirmer === null) return {};
  return alone ? { alone: 1 } : null;
}

/**
 * The permit of an act with steps outside its transaction, or the change that was opened for it. An act that needs no
 * change needs no key of the tenant either: it may be a way out while the key is unavailable. Throws as `carryOut`.
 */
export async function permitAct<Body extends CommandBody>(
  vault: Deps,
  by: Actor,
  tenant: string,
  body: Body,
  { note, alone, change }: CarryOutOptions,
  request: RequestContext,
): Promise<({ readonly done: true; readonly permit: Permit } | OpenedByCommand) & { readonly body: Body }> {
  const marks = await marksAtOnce(vault, by, tenant, { alone, change }, request);
  if (marks !== null) return { done: true, body, permit: permitAtOnce(by, tenant, marks) };
  const lock = tenant === DEPLOYMENT ? lockDeployment : await tenantLock(vault, tenant, request);
  if (change === null) {
    const { result, receipts } = await vault.db.change(async (tx) => {
      const scope = { tx, owner: await lock(tx) };
      const confirmer = await confirmerOf(tx, tenant, by.id, []);
      if (confirmer === null)
        throw new VaultError('conflict', 'no one else confirms this any more: run the command again');
      return open(scope, body, { by, note, confirmer }, request);
    }, request);
    return result(receipts);
  }
  const permit = permitOf(by, lock, body, change, request);
  // Before the steps outside the transaction. Nothing is written.
  const { result } = await vault.db.change(async (tx) => {
    await permit.check(tx);
    return { result: permit, unchanged: true as const };
  }, request);
  return { done: true, body, permit: result };
}

/** A second person may have come during the steps outside the transaction. */
function permitAtOnce(by: Actor, tenant: string, marks: Marks): Permit {
  return {
    ...permitWithout(marks),
    check: async (tx) => {
      if (marks.alone === undefined && (await confirmerOf(tx, tenant, by.id, [])) !== null) throw nowConfirmed();
    },
  };
}

function nowConfirmed(): VaultError {
  return new VaultError('conflict', 'another person can confirm this now: run the command again');
}

function permitOf(
  by: Actor,
  lock: OwnerLock,
  body: CommandBody,
  id: string,
  request: Pick<RequestContext, 'req'>,
): Permit {
  let found: { readonly change: Change; readonly owner: Owner } | null = null;
  return {
    marks: { change: id },
    check: async (tx) => {
      const owner = await lock(tx);
      const { change, body: approved } = await approvedChange({ tx, owner }, by, id);
      await requireApprovedFor({ tx, owner }, change, approved, body);
      found = { change, owner };
    },
    finish: async (tx, events) => {
      if (found === null) throw new VaultError('internal', 'a permit is checked before it is used');
      return [await markApplied({ tx, owner: found.owner }, by, found.change, events, request)];
    },
  };
}

/** Opens a change for a body. */
async function open<Body extends CommandBody>(
  { tx, owner }: CommandScope<Owner>,
  body: Body,
  proposal: CommandProposal,
  request: RequestContext,
) {
  const drafted = { body, preview: null };
  const { result, ...more } = await openByCommand(tx, owner, drafted, proposal, request);
  return { result: (at: readonly Receipt[]) => ({ body, ...result(at) }), ...more };
}

async function carryOutApproved<Body extends CommandBody, T, O extends Owner>(
  scope: CommandScope<O>,
  by: Actor,
  { draft, act }: DangerousAct<Body, T, O>,
  id: string,
  request: Pick<RequestContext, 'req'>,
) {
  const { change, body: approved } = await approvedChange(scope, by, id);
  // A body of another kind has another digest.
  const body = await draft(scope, approved as Body);
  await requireApprovedFor(scope, change, approved, body);
  const { result: made, events, ...acted } = await act(scope, body, { change: id });
  const applied = await markApplied(scope, by, change, events, request);
  return { result: () => ({ body, done: true, result: made }) as const, events: [...events, applied], ...acted };
}

/** The change of this id that the operator's command may carry out now, locked, and its body. */
async function approvedChange(
  { tx, owner }: CommandScope<Owner>,
  by: Actor,
  id: string,
): Promise<{ readonly change: Change; readonly body: CommandBody }> {
  const change = await tx.changes.lock(owner.id, id);
  if (change === null || !change.byCommand || change.proposer !== by.id) {
    const whose = owner.tenant === null ? 'the deployment' : 'this tenant';
    throw new VaultError('not_found', `the same operator proposed no such change for ${whose}`);
  }
  if (owner.tenant !== null) requireActive(owner.tenant);
  if (change.state !== 'APPROVED')
    throw new VaultError('conflict', `${id} is ${change.state.toLowerCase()}: only an approved change is carried out`);
  if (change.expires <= (await tx.now()))
    throw new VaultError('conflict', `the approval of ${id} has expired: propose it again`);
  await requireAuthenticChange(tx, owner.metadataKey, change);
  const body = bodyOf(owner.metadataKey, change);
  if (!isCommandBody(body)) throw new VaultError('conflict', `${id} is applied without a command`);
  return { change, body };
}

async function requireApprovedFor(
  { tx, owner }: CommandScope<Owner>,
  { id, base }: Change,
  approved: CommandBody,
  body: CommandBody,
): Promise<void> {
  if (canonicalDigest(body) !== canonicalDigest(approved))
    throw new VaultError('conflict', `${id} was approved for something else: run the command as it was proposed`);
  if ((await ownersBase(tx, owner, body)) !== base)
    throw new VaultError('conflict', `what ${id} builds on changed since: propose it again`);
}

/** Marks a change as applied. `events` are those of the act: exactly what was approved. */
async function markApplied(
  { tx, owner }: CommandScope<Owner>,
  by: Actor,
  change: Change,
  events: readonly NewEvent[],
  request: Pick<RequestContext, 'req'>,
): Promise<NewEvent> {
  const { id, kind, tenant } = change;
  if (changeEffects(events.filter(({ object }) => object['change'] === id)) !== change.effects)
    throw new VaultError('internal', 'a command must do exactly what was approved');
  await move(tx, owner.metadataKey, change, 'APPLIED', {});
  return event(tenant, by, 'change.applied', { id, kind }, request);
}
