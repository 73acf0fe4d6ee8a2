// The end of access that consent or a restriction no longer allows, in the transaction of what takes it.
import type { NewEvent } from '../../model/audit-event.ts';
import type { Transaction } from '../../ports/database.ts';
import { endGrant, isLive, type Revoking } from '../access/end-grant.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endCopies } from '../core/subjects/end-copies.ts';

/** A recording whose facts forbid some purposes from now on. */
export type Narrowed = {
  readonly tenant: string;
  readonly id: string;
  readonly forbids: (purpose: string) => boolean;
  /** Whether this transaction changed them: then copies for the person are approved again, by people who know of it. */
  readonly isNew: boolean;
};

/** Who narrows them, and why. */
export type Narrowing = Revoking & { readonly why: 'consent' | 'restricted' };

/** What ended: the events, and the sessions whose keys must be dropped. */
export type EndedAccess = { readonly events: readonly NewEvent[]; readonly sessions: readonly string[] };

/** Ends the live grants on these locked recordings for what is forbidden, and copies of them, with their sessions. */
export async function endForbidden(
  tx: Transaction,
  how: Narrowing,
  recordings: readonly Narrowed[],
  request: RequestContext,
): Promise<EndedAccess> {
  const [events, sessions]: [NewEvent[], string[]] = [[], []];
  const open: string[] = [];
  for (const { tenant, id, forbids } of recordings)
    for (const grant of await tx.access.openGrants(tenant, id)) if (forbids(grant.purpose)) open.push(grant.id);
  const [first] = recordings;
  if (first === undefined) return { events, sessions };
  // In order of their ids, as an erasure and a revocation lock them.
  for (const id of open.sort()) {
    const row = await tx.access.lockGrant(first.tenant, id);
    const ended = row === null || !isLive(row) ? null : await endGrant(tx, how, row, request);
    if (ended === null) continue;
    events.push(...ended.events);
    sessions.push(...ended.sessions);
  }
  const copied: string[] = [];
  for (const { tenant, id, isNew } of recordings)
    if (isNew) copied.push(...(await tx.subjects.withCopies(tenant, { recording: id })));
  const copies = await endCopies(tx, first.tenant, copied, { ...how, why: how.why }, request);
  return { events: [...events, ...copies.events], sessions: [...sessions, ...copies.sessions] };
}
