// Views of subject requests: who asks, how far each is, and what was decided.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import type { Change } from '../../model/change/change.ts';
import { maskedNumber } from '../../model/masked-number.ts';
import type { ApprovedCopies } from '../../model/subject/approved-copies.ts';
import {
  isEnded,
  type SubjectIdentity,
  type SubjectPerson,
  type SubjectRequest,
  type SubjectWords,
} from '../../model/subject/request.ts';
import type { Rows } from '../../ports/database.ts';
import type { OutcomeCount } from '../../ports/rows/subject-rows.ts';
import { readNames } from '../core/personal/names.ts';
import { openCopies, openEvidence, openPerson, openWords } from '../core/subjects/sealed-subject.ts';

/** A request as people see it: numbers are masked. */
export type SubjectView = {
  readonly request: SubjectRequest;
  readonly person: SubjectPerson;
  readonly managerName: string | null;
  readonly identity: (SubjectIdentity & { readonly name: string | null }) | null;
  readonly words: SubjectWords | null;
  /** The newest change that decides it; null before the first. */
  readonly change: Change | null;
  readonly counts: readonly OutcomeCount[];
  /** Who can make copies, until when, and how often still; null: no one. */
  readonly copies: (ApprovedCopies & { readonly name: string | null }) | null;
};

/** A request after what was done to it, and the receipt of that. */
export type SubjectResult = { readonly view: SubjectView; readonly receipt: Receipt | undefined };

/** The error for a request that the tenant does not have. */
export function noSubject(): VaultError {
  return new VaultError('not_found', 'there is no such subject request');
}

/** The view of a request. Throws `integrity` for a text that is not authentic. */
export async function subjectView(
  rows: Pick<Rows, 'subjects' | 'principals' | 'changes' | 'now'>,
  metadataKey: SecretKey,
  request: SubjectRequest,
): Promise<SubjectView> {
  const { tenant, id, manager } = request;
  const person = openPerson(metadataKey, request);
  const evidence = openEvidence(metadataKey, request);
  const copies = openCopies(metadataKey, request);
  const people = [manager, ...(evidence === null ? [] : [evidence.by]), ...(copies === null ? [] : [copies.officer])];
  const names = await readNames(rows, metadataKey, tenant, people);
  const change = request.change === null ? null : await rows.changes.find(tenant, request.change);
  return {
    request,
    // Numbers of a request that has ended are masked in the row.
    person: isEnded(request) ? person : { ...person, numbers: person.numbers.map(maskedNumber) },
    managerName: names.get(manager) ?? null,
    identity: evidence === null ? null : { ...evidence, name: names.get(evidence.by) ?? null },
    words: openWords(metadataKey, request),
    change,
    counts: await rows.subjects.countMatches(tenant, id),
    copies: copies === null ? null : { ...copies, name: names.get(copies.officer) ?? null },
  };
}

/** Whether a change that decides a request still waits, or is being done: what is approved is, until that is ended. */
export function isPending(change: Pick<Change, 'state' | 'expires'> | null, now: string): boolean {
  return change?.state === 'APPROVED' || (change?.state === 'OPEN' && change.expires > now);
}

/** Throws `conflict` for a request that has ended. */
export function requireOpen(request: SubjectRequest): SubjectRequest {
  if (isEnded(request)) throw new VaultError('conflict', `this request was ${request.state.toLowerCase()} already`);
  return request;
}
