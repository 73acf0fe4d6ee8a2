// The end of copies that two people approved, before their time ends, in the transaction of what ends them.
import type { Actor, NewEvent } from '../../../model/audit-event.ts';
import type { CopiesEnd } from '../../../model/log/events-of-subjects.ts';
import type { SubjectRequest } from '../../../model/subject/request.ts';
import type { Transaction } from '../../../ports/database.ts';
import { event, type presentedCredential } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import { endSession } from '../sessions/end-session.ts';

/** Who ends them, and why. */
export type EndingCopies = {
  readonly actor: Actor;
  readonly credential: Partial<ReturnType<typeof presentedCredential>>;
  readonly why: CopiesEnd;
};

/** What ended: the events, and the sessions whose keys must be dropped. */
export type EndedCopies = { readonly events: readonly NewEvent[]; readonly sessions: readonly string[] };

/** Ends the copies of these requests, with the sessions in which they are made: the package that is being sent is cut. */
export async function endCopies(
  tx: Transaction,
  tenant: string,
  requests: readonly string[],
  how: EndingCopies,
  request: Pick<RequestContext, 'req'>,
): Promise<EndedCopies> {
  const [events, sessions]: [NewEvent[], string[]] = [[], []];
  // In order of their ids, as every change locks several rows of one table.
  for (const id of [...new Set(requests)].sort()) {
    const row = await tx.subjects.lock(tenant, id);
    const ended = row === null ? null : await endCopiesOf(tx, row, how, request);
    events.push(...(ended?.events ?? []));
    sessions.push(...(ended?.sessions ?? []));
  }
  return { events, sessions };
}

/** The same of one request, whose row is locked; `row` is as it is then. */
export async function endCopiesOf(
  tx: Transaction,
  row: SubjectRequest,
  { actor, credential, why }: EndingCopies,
  request: Pick<RequestContext, 'req'>,
): Promise<EndedCopies & { readonly row: SubjectRequest }> {
  const none = { copies: null, copiesBy: null };
  const { tenant, id, change: proposal } = row;
  if (row.copiesBy === null || proposal === null || !(await tx.subjects.change(row, none)))
    return { row, events: [], sessions: [] };
  const [events, sessions]: [NewEvent[], string[]] = [[], []];
  events.push(event(tenant, actor, 'subject.copies_ended', { id, proposal, why, ...credential }, request));
  for (const session of await tx.sessions.liveOf(tenant, proposal)) {
    const ended = await endSession(tx, actor, session, 'revoked', request);
    if (ended !== null) events.push(ended);
    sessions.push(session.id);
  }
  return { row: { ...row, ...none, version: row.version + 1 }, events, sessions };
}
