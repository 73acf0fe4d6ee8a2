// What dangerous commands do: at once where no one else can confirm it, or alone; else once a change of it is approved.
// Long because an act in one transaction and one with steps outside it follow the same rules.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent, Receipt } from '../../model/audit-event.ts';
import { isCommandBody } from '../../model/change/body.ts';
import type { Change } from '../../model/change/change.ts';
import type { CommandBody } from '../../model/change/command.ts';
import { changeEffects } from '../../model/change/effects.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Change as Outcome, Transaction } from '../../ports/database.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { event } from '../core/events/events.ts';
import { type Marks, type Permit, permitWithout } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import { findTenant, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { currentBase } from './base.ts';
import type { CommandOptions } from './by-command.ts';
import { move } from './decide.ts';
import { humansGaining } from './gaining.ts';
import { type CommandProposal, type OpenedByCommand, openByCommand } from './open-by-command.ts';
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

/** The transaction in which a command drafts and acts. */
export type CommandScope = {
  readonly tx: Transaction;
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
};

/** What an act did in its transaction. */
export type Acted<T> = Pick<Outcome<T>, 'result' | 'events' | 'erasures' | 'placed'>;

/**
 * A dangerous act on a tenant, in one transaction. `locks`: the people whose rows it changes. `draft` makes the body, with
 * the ids of `approved` or new ones, and throws where the act is not possible. `act` does it; its events have the marks.
 */
export type DangerousAct<Body extends CommandBody, T> = {
  readonly tenant: string;
  readonly locks: readonly string[];
  readonly draft: (scope: CommandScope, approved: Body | null) => Promise<Body>;
  readonly act: (scope: CommandScope, body: Body, marks: Marks) => Promise<Acted<T>>;
};

/**
 * Carries out a dangerous act, or opens a change for it. With `change`, the change must be APPROVED for exactly this act,
 * and serves once. Throws `not_found`, `conflict` where the change does not allow it, and as the act.
 */
export async function carryOut<Body extends CommandBody, T>(
  vault: Deps,
  by: Actor,
  what: DangerousAct<Body, T>,
  { note, alone, change }: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<Body, T>> {
  const metadataKey = await keyOfTenant(vault, what.tenant, request);
  const { result, receipts } = await vault.db.change<(at: readonly Receipt[]) => CarriedOut<Body, T>>(async (tx) => {
    // Before the tenant, as everywhere (decision 0012).
    for (const id of [...what.locks].sort()) await tx.principals.lock(what.tenant, id);
    const scope = await lockScope(tx, what.tenant, metadataKey);
    if (change !== null) return carryOutApproved(scope, by, what, change, request);
    const body = await what.draft(scope, null);
    const confirmer = await confirmerOf(tx, what.tenant, by.id, await humansGaining(tx, what.tenant, body));
    if (confirmer !== null && !alone) return open(scope, body, { by, note, confirmer }, request);
    const { result: made, ...acted } = await what.act(scope, body, confirmer === null ? {} : { alone: 1 });
    return { result: () => ({ body, done: true, result: made }), ...acted };
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
  if (marks !== null) return { done: true, body, permit: permitAtOnce(by, marks) };
  const metadataKey = await keyOfTenant(vault, tenant, request);
  if (change === null) {
    const { result, receipts } = await vault.db.change(async (tx) => {
      const scope = await lockScope(tx, tenant, metadataKey);
      const confirmer = (await confirmerOf(tx, tenant, by.id, [])) ?? 'operator';
      return open(scope, body, { by, note, confirmer }, request);
    }, request);
    return result(receipts);
  }
  const permit = permitOf(by, metadataKey, body, change, request);
  // Before the steps outside the transaction. Nothing is written.
  const { result } = await vault.db.change(async (tx) => {
    await permit.check(tx, (await lockScope(tx, tenant, metadataKey)).tenant);
    return { result: permit, unchanged: true as const };
  }, request);
  return { done: true, body, permit: result };
}

/** A second person may have come during the steps outside the transaction. */
function permitAtOnce(by: Actor, marks: Marks): Permit {
  return {
    ...permitWithout(marks),
    check: async (tx, { tenant }) => {
      if (marks.alone === undefined && (await confirmerOf(tx, tenant, by.id, [])) !== null)
        throw new VaultError('conflict', 'another person can confirm this now: run the command again');
    },
  };
}

function permitOf(
  by: Actor,
  metadataKey: SecretKey,
  body: CommandBody,
  id: string,
  request: Pick<RequestContext, 'req'>,
): Permit {
  let found: Change | null = null;
  return {
    marks: { change: id },
    check: async (tx, tenant) => {
      const scope = { tx, tenant, metadataKey };
      const { change, body: approved } = await approvedChange(scope, by, id);
      await requireApprovedFor(scope, change, approved, body);
      found = change;
    },
    finish: async (tx, events) => {
      if (found === null) throw new VaultError('internal', 'a permit is checked before it is used');
      return [await markApplied({ tx, metadataKey }, by, found, events, request)];
    },
  };
}

async function keyOfTenant(vault: Deps, tenant: string, request: RequestContext): Promise<SecretKey> {
  const found = await findTenant(vault, tenant, request);
  if (found === null) throw noTenant();
  return vault.metadataKeys.get(found, request);
}

async function lockScope(tx: Transaction, id: string, metadataKey: SecretKey): Promise<CommandScope> {
  const tenant = await tx.tenants.lock(id);
  if (tenant === null) throw noTenant();
  return { tx, tenant, metadataKey };
}

function noTenant(): VaultError {
  return new VaultError('not_found', 'there is no such tenant');
}

/** Opens a change for a body. */
async function open<Body extends CommandBody>(
  { tx, tenant, metadataKey }: CommandScope,
  body: Body,
  proposal: CommandProposal,
  request: RequestContext,
) {
  const drafted = { body, preview: null };
  const { result, ...more } = await openByCommand(tx, metadataKey, tenant, drafted, proposal, request);
  return { result: (at: readonly Receipt[]) => ({ body, ...result(at) }), ...more };
}

async function carryOutApproved<Body extends CommandBody, T>(
  scope: CommandScope,
  by: Actor,
  { draft, act }: DangerousAct<Body, T>,
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

async function requireApprovedFor(
  { tx, tenant, metadataKey }: CommandScope,
  { id, base }: Change,
  approved: CommandBody,
  body: CommandBody,
): Promise<void> {
  if (canonicalDigest(body) !== canonicalDigest(approved))
    throw new VaultError('conflict', `${id} was approved for something else: run the command as it was proposed`);
  if ((await currentBase(tx, metadataKey, tenant, body)) !== base)
    throw new VaultError('conflict', `what ${id} builds on changed since: propose it again`);
}

/** Marks a change as applied. `events` are those of the act: exactly what was approved. */
async function markApplied(
  { tx, metadataKey }: Omit<CommandScope, 'tenant'>,
  by: Actor,
  change: Change,
  events: readonly NewEvent[],
  request: Pick<RequestContext, 'req'>,
): Promise<NewEvent> {
  const { id, kind, tenant } = change;
  if (changeEffects(events.filter(({ object }) => object['change'] === id)) !== change.effects)
    throw new VaultError('internal', 'a command must do exactly what was approved');
  await move(tx, metadataKey, change, 'APPLIED', {});
  return event(tenant, by, 'change.applied', { id, kind }, request);
}
