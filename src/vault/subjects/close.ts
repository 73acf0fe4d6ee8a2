// The end of a subject request: answered by who sent the answer, or rejected by two people.

import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { type AnswerBody, outcomesDigest } from '../../model/change/answer.ts';
import { changeBase } from '../../model/change/digests.ts';
import { maskedNumber } from '../../model/masked-number.ts';
import type { Caller } from '../../model/principal.ts';
import { MAX_MATCHES, type SubjectRequest } from '../../model/subject/request.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import type { Marks } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endCopiesOf } from '../core/subjects/end-copies.ts';
import { openPerson, sealOfSubject } from '../core/subjects/sealed-subject.ts';
import type { Vault } from '../core/vault.ts';
import { changeSubject, moveSubject } from './change-subject.ts';
import type { SubjectResult } from './view.ts';

/** What a decision builds on: the search, the decisions before it, and what rows say becomes of recordings. */
export async function subjectBase(
  { subjects }: Pick<Rows, 'subjects'>,
  tenant: string,
  { request, refusal }: Pick<AnswerBody, 'request' | 'refusal'>,
): Promise<string> {
  const round = { id: request, version: (await subjects.find(tenant, request))?.round ?? 0 };
  if (refusal !== undefined) return changeBase([round]);
  const left = (await subjects.matches(tenant, request, '', MAX_MATCHES)).filter(({ done }) => done === null);
  return changeBase([round, { id: outcomesDigest(left), version: 1 }]);
}

/**
 * Records that the answer was sent. The person's numbers are masked from then on, the request keeps no recordings, and no
 * copies are made.
 * Throws `conflict` before all that was decided is done.
 */
export async function answerSubject(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'sessionKeys'>,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<SubjectResult> {
  let sessions: readonly string[] = [];
  const result = await changeSubject(vault, by, id, { exclusive: false }, request, async ({ tx, metadataKey, row }) => {
    const change = row.change === null ? null : await tx.changes.find(row.tenant, row.change);
    const left = (await tx.subjects.countMatches(row.tenant, id)).filter(({ done }) => !done);
    if (row.state !== 'DOING' || change?.state !== 'APPLIED' || left.length > 0)
      throw new VaultError('conflict', 'what was decided is not all done yet: an answer cannot say it');
    const made = event(by.tenant, actorOf(by), 'subject.answered', { id, ...presentedCredential(by) }, request);
    const how = { actor: actorOf(by), credential: presentedCredential(by), why: 'answered' } as const;
    const ended = await endCopiesOf(tx, row, how, request);
    ({ sessions } = ended);
    const to = { state: 'ANSWERED', ...(await ending(tx, metadataKey, row)) } as const;
    return { from: ended.row, to, events: [made, ...ended.events] };
  });
  for (const session of sessions) vault.sessionKeys.end(session);
  return result;
}

/** Rejects a request, as two people decided. Throws `conflict` where it is decided otherwise. */
export async function refuseSubject(
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: string,
  { request: id }: AnswerBody,
  { by, marks, request }: { readonly by: Actor; readonly marks: Marks; readonly request: Pick<RequestContext, 'req'> },
): Promise<NewEvent[]> {
  const row = await tx.subjects.lock(tenant, id);
  if (row?.state !== 'PROPOSED' || row.change !== marks.change)
    throw new VaultError('conflict', 'another decision on this request came first');
  await moveSubject(tx, row, { state: 'REFUSED', ...(await ending(tx, metadataKey, row)) });
  return [event(tenant, by, 'subject.refused', { id, ...marks }, request)];
}

/** What ends with a request: recordings are kept no longer, and numbers that are not needed any more are masked. */
async function ending(
  tx: Transaction,
  metadataKey: SecretKey,
  row: SubjectRequest,
): Promise<Pick<SubjectRequest, 'ended' | 'person'>> {
  await tx.subjects.release(row.tenant, row.id);
  const person = openPerson(metadataKey, row);
  const masked = { ...person, numbers: person.numbers.map(maskedNumber) };
  return { ended: await tx.now(), person: sealOfSubject(metadataKey, row, 'person', masked) };
}
