// Reading changes and the settings: an inbox for people who propose or approve, with what each change does.
import { isId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { ChangeBody, ChangePreview } from '../../model/change/body.ts';
import type { Change, ChangeState } from '../../model/change/change.ts';
import { approvalChecks } from '../../model/change/checks.ts';
import { changedIn } from '../../model/change/people.ts';
import { settingsOf, type TenantSettings } from '../../model/change/settings.ts';
import type { Check } from '../../model/check.ts';
import type { Caller } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { requireAuthenticChange } from '../core/authority/logged-change.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf, DEPLOYMENT } from '../core/events/events.ts';
import { readNames } from '../core/personal/names.ts';
import { policyInForce } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { isKeyUnavailable } from '../core/wrapped-keys/key-unavailable.ts';
import { type HoldView, holdViews } from '../holds/view.ts';
import { decisionContext, findChange, isOperator } from './context.ts';
import { gainersIn, humansGaining } from './gaining.ts';
import { activeOwner, type Owner, readAgain } from './owner.ts';
import { bodyOf, noteOf, previewOf, refusalOf } from './sealed-texts.ts';
import { adminCanConfirm, codeOf } from './second-person.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** A change with what it says, and the names of its people: an operator's is their staff code. */
export type ChangeView = {
  readonly change: Change;
  readonly body: ChangeBody;
  /** The names of the people whom the change concerns, as far as they can be opened. */
  readonly names: ReadonlyMap<string, string>;
  /** The name of the service that a release names. */
  readonly depositor: string | null;
  /** The hold that a change lifts, as it is now. */
  readonly hold: HoldView | null;
  readonly preview: ChangePreview | null;
  readonly note: string;
  readonly reason: string | null;
  readonly proposer: string | null;
  readonly decider: string | null;
  /** Who approves what a command proposed: the tenant's admin, or another operator; null for a person's proposal. */
  readonly confirmer: 'admin' | 'operator' | null;
};

/** One change, and the checks of an approval by the caller. */
export type ChangeDetails = ChangeView & { readonly checks: readonly Check[] };

/** The filter and page of a list of changes. */
export type ChangePage = { readonly state: ChangeState | null; readonly before: string | null; readonly limit: number };

/**
 * The tenant's changes, newest first; for an operator those that commands proposed, of every tenant whose key is
 * available. Throws `integrity` where an open change is not authentic.
 */
export async function listChanges(
  vault: Deps,
  by: Caller,
  { state, before, limit }: ChangePage,
  request: RequestContext,
): Promise<{ readonly views: readonly ChangeView[]; readonly next: string | null }> {
  await countRead(vault, by, 'changes', request);
  const read = await vault.db.read(
    (rows) =>
      isOperator(by)
        ? rows.changes.pageByCommand(state, before, limit + 1)
        : rows.changes.page(by.tenant, state, before, limit + 1),
    request,
  );
  const found = read.slice(0, limit);
  const views: ChangeView[] = [];
  for (const tenant of new Set(found.map((one) => one.tenant))) {
    const owner = await ownerToRead(vault, by, tenant, request);
    if (owner === null) continue;
    const own = found.filter((one) => one.tenant === tenant);
    views.push(...(await vault.db.read((rows) => changeViews(rows, owner, own), request)));
  }
  views.sort((one, other) => (one.change.id < other.change.id ? 1 : -1));
  return { views, next: read.length > limit ? (found.at(-1)?.id ?? null) : null };
}

const MOST_LISTED = 1_000;

/** The newest changes of a tenant or the deployment, for an operator at the command line. Throws as `activeOwner`, `integrity`. */
export async function listChangesByCommand(
  vault: Deps,
  tenant: string,
  state: ChangeState | null,
  request: RequestContext,
): Promise<ChangeView[]> {
  const owner = await activeOwner(vault, tenant, request);
  return vault.db.read(
    async (rows) => changeViews(rows, owner, await rows.changes.page(tenant, state, null, MOST_LISTED)),
    request,
  );
}

/** One change. Throws `not_found` for one that the caller may not see, `integrity` where it is not authentic. */
export async function readChange(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<ChangeDetails> {
  await countRead(vault, by, 'changes', request);
  const { tenant } = await vault.db.read((rows) => findChange(rows, by, id), request);
  const owner = await activeOwner(vault, tenant, request);
  return vault.db.read(async (rows) => {
    const change = await findChange(rows, by, id);
    const now = await readAgain(rows, owner);
    // In a browser the passkey signs with the approval itself.
    const { context } = await decisionContext(rows, now, by, change, by.auth === 'sign-in');
    const [view] = await changeViews(rows, now, [change]);
    if (view === undefined) throw new Error('a change has a view');
    return { ...view, checks: approvalChecks(context) };
  }, request);
}

/** The settings in force. */
export async function readSettings(vault: Deps, by: Caller, request: RequestContext): Promise<TenantSettings> {
  await countRead(vault, by, 'settings', request);
  return readSettingsByCommand(vault, by.tenant, request);
}

/** The settings of a tenant, for an operator at the command line. */
export async function readSettingsByCommand(
  vault: Deps,
  tenant: string,
  request: RequestContext,
): Promise<TenantSettings> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  return vault.db.read(async (rows) => {
    const row = requireActive(await rows.tenants.find(tenant));
    return settingsOf(row, (await policyInForce(rows, metadataKey, tenant)).policy);
  }, request);
}

function countRead(vault: Deps, by: Caller, type: 'changes' | 'settings', request: RequestContext): Promise<void> {
  const object = { type, id: by.tenant } as const;
  return countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'change.read', object }, request);
}

/** The owner; null where an operator lists changes of many tenants and this one's key cannot be used now. */
async function ownerToRead(vault: Deps, by: Caller, tenant: string, request: RequestContext): Promise<Owner | null> {
  try {
    return await activeOwner(vault, tenant, request);
  } catch (error) {
    if (by.tenant === DEPLOYMENT && isKeyUnavailable(error)) return null;
    throw error;
  }
}

async function changeViews(
  rows: Rows,
  { id: tenant, metadataKey }: Owner,
  changes: readonly Change[],
): Promise<ChangeView[]> {
  for (const one of changes) await requireAuthenticChange(rows, metadataKey, one);
  const ids = new Set(changes.flatMap(({ proposer, decider }) => [proposer, decider ?? proposer]));
  const people = [...ids].filter((id) => isId(id, 'usr'));
  const bodies = new Map(changes.map((one) => [one.id, bodyOf(metadataKey, one)]));
  const services = [...bodies.values()].flatMap((body) => (body.kind === 'release' ? [body.depositor] : []));
  const changed = [...bodies.values()].flatMap((body) => (body.kind === 'people' ? changedIn(body) : []));
  const gainers = [...bodies.values()].flatMap((body) => gainersIn(body));
  const changedIds = changed.map(({ id }) => id);
  const named = [...new Set([...people, ...services, ...changedIds, ...gainers, ...memberIds(bodies.values())])];
  const names = new Map(metadataKey === null ? [] : await readNames(rows, metadataKey, tenant, named));
  for (const one of await rows.principals.findMany(DEPLOYMENT, [...people, ...gainers])) names.set(one.id, codeOf(one));
  // A staff code is its own name.
  const nameOf = (id: string): string | null => (isId(id, 'usr') ? (names.get(id) ?? null) : id);
  const confirmers = await confirmersOf(rows, tenant, changes, bodies);
  const holds = await holdsOf(rows, metadataKey, tenant, bodies.values());
  return changes.map((change) => ({
    change,
    body: bodies.get(change.id) ?? bodyOf(metadataKey, change),
    names,
    depositor: depositorIn(bodies.get(change.id), names),
    hold: holdIn(bodies.get(change.id), holds),
    preview: previewOf(metadataKey, change),
    note: noteOf(metadataKey, change),
    reason: refusalOf(metadataKey, change),
    proposer: nameOf(change.proposer),
    decider: change.decider === null ? null : nameOf(change.decider),
    confirmer: confirmers.get(change.id) ?? null,
  }));
}

/** Who approves the changes that commands proposed. */
async function confirmersOf(
  rows: Rows,
  tenant: string,
  changes: readonly Change[],
  bodies: ReadonlyMap<string, ChangeBody>,
): Promise<ReadonlyMap<string, 'admin' | 'operator'>> {
  const found = new Map<string, 'admin' | 'operator'>();
  for (const { id, byCommand } of changes) {
    const body = bodies.get(id);
    if (!byCommand || body === undefined) continue;
    const gaining = await humansGaining(rows, tenant, body);
    found.set(id, (await adminCanConfirm(rows, tenant, gaining)) ? 'admin' : 'operator');
  }
  return found;
}

function depositorIn(body: ChangeBody | undefined, names: ReadonlyMap<string, string>): string | null {
  return body?.kind === 'release' ? (names.get(body.depositor) ?? null) : null;
}

/** The holds that these changes lift. */
async function holdsOf(
  rows: Rows,
  metadataKey: SecretKey | null,
  tenant: string,
  bodies: Iterable<ChangeBody>,
): Promise<readonly HoldView[]> {
  const ids = new Set([...bodies].flatMap((body) => (body.kind === 'lift' && 'hold' in body ? [body.hold] : [])));
  if (metadataKey === null || ids.size === 0) return [];
  const found = await Promise.all([...ids].map((id) => rows.legalHolds.find(tenant, id)));
  return holdViews(
    rows,
    metadataKey,
    found.filter((row) => row !== null),
  );
}

function holdIn(body: ChangeBody | undefined, holds: readonly HoldView[]): HoldView | null {
  if (body?.kind !== 'lift' || !('hold' in body)) return null;
  return holds.find(({ hold }) => hold.id === body.hold) ?? null;
}

function memberIds(bodies: Iterable<ChangeBody>): string[] {
  return [...bodies].flatMap((body) =>
    body.kind === 'team' ? [...body.to.members, ...(body.was?.members ?? [])].map(({ id }) => id) : [],
  );
}
