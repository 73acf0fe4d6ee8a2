// Whose a source is: the service that deposits its calls. Another one takes none of its call ids.
import { VaultError } from '../../../errors.ts';
import type { Caller } from '../../../model/principal.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Rows, Transaction } from '../../../ports/database.ts';

type Of = Pick<Tenant, 'tenant' | 'sources'>;

/**
 * Depositors of sources by tenant and name, as this process has read them: a source is bound once, and its row never
 * changes.
 */
export type BoundSources = Map<string, string>;

/** So many are kept. */
const MOST_BOUND = 10_000;

/**
 * The service that a source belongs to: as two people set, or by its first deposit; null before that. With `bound` it is
 * read once a process: not in a transaction that may have bound it itself, and may fail.
 */
export async function sourceOwner(
  rows: Pick<Rows, 'sources'>,
  { tenant, sources }: Of,
  name: string,
  bound?: BoundSources,
): Promise<string | null> {
  if (Object.hasOwn(sources, name)) return sources[name] ?? null;
  const key = `${tenant}/${name}`;
  const owner = bound?.get(key) ?? (await rows.sources.depositor(tenant, name));
  if (owner === null || bound === undefined) return owner;
  if (bound.size >= MOST_BOUND) bound.clear();
  bound.set(key, owner);
  return owner;
}

/** Throws `source_taken` for a source of another service, whether or not the call exists. `bound`: as `sourceOwner`. */
export async function requireOwnSource(
  rows: Pick<Rows, 'sources'>,
  tenant: Of,
  by: Pick<Caller, 'principal'>,
  name: string,
  bound?: BoundSources,
): Promise<void> {
  requireOwner(await sourceOwner(rows, tenant, name, bound), by);
}

function requireOwner(owner: string | null, by: Pick<Caller, 'principal'>): void {
  if (owner !== null && owner !== by.principal)
    throw new VaultError('source_taken', 'another service deposits the calls of this source');
}

/**
 * Gives a source that belongs to no service to the caller, who deposits. One with calls from before sources were bound
 * goes to the depositor of the earliest: while older recordings are not yet found by their source, to no service. Throws
 * `source_taken`.
 */
export async function bindSource(
  tx: Transaction,
  tenant: Of,
  by: Pick<Caller, 'principal'>,
  name: string,
  bound: BoundSources,
): Promise<void> {
  const owner = await sourceOwner(tx, tenant, name, bound);
  if (owner !== null) return requireOwner(owner, by);
  const versions = await tx.indexes.versions(tenant.tenant);
  if (versions !== null && versions.complete !== versions.current) return;
  const service = (await tx.sources.earliestDepositor(tenant.tenant, name)) ?? by.principal;
  await tx.sources.insert({ tenant: tenant.tenant, name, use: 'deposits', service, since: await tx.now() });
  // Another process may have been first.
  await requireOwnSource(tx, tenant, by, name);
}

/** Whether the caller sends call lists, of sources of other services too, and nothing else. */
export function isLister({ roles }: Pick<Caller, 'roles'>): boolean {
  return roles.includes('lists');
}

/** Throws `lists_of_another` where a service that deposits no calls sends the lists of this source. */
async function requireNoLister(rows: Pick<Rows, 'sources'>, tenant: string, name: string): Promise<void> {
  if ((await rows.sources.listers(tenant, name)).length > 0)
    throw new VaultError('lists_of_another', 'another service sends the call lists of this source');
}

/**
 * Requires that the caller may send lists of the source, and notes a service that sends lists alone: from then on the
 * depositor cannot strike what it does not upload from the list. Throws `source_taken` and `lists_of_another`.
 */
export async function requireSender(tx: Transaction, tenant: Of, by: Caller, name: string): Promise<void> {
  if (!isLister(by)) {
    await requireOwnSource(tx, tenant, by, name);
    return requireNoLister(tx, tenant.tenant, name);
  }
  const row = { tenant: tenant.tenant, name, use: 'lists', service: by.principal, since: await tx.now() } as const;
  if (!(await tx.sources.listers(tenant.tenant, name)).includes(by.principal)) await tx.sources.insert(row);
}
