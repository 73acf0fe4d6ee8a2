// What people wrote of subject requests, and what answers say of recordings: sealed with the tenant's key.
import { canonicalBytes, parseCanonicalObject } from '../../../bytes/canonical-json.ts';
import { openColumn, sealColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { ApprovedCopies } from '../../../model/subject/approved-copies.ts';
import type {
  SubjectIdentity,
  SubjectMatch,
  SubjectPerson,
  SubjectRequest,
  SubjectWords,
  ToldRecording,
} from '../../../model/subject/request.ts';

type Of = Pick<SubjectRequest, 'tenant' | 'id'>;
type Texts = {
  readonly person: SubjectPerson;
  readonly evidence: SubjectIdentity;
  readonly words: SubjectWords;
  readonly copies: ApprovedCopies;
};

/** A sealed column of a request. */
export function sealOfSubject<Name extends keyof Texts>(
  metadataKey: SecretKey,
  { tenant, id }: Of,
  column: Name,
  value: Texts[Name],
): Uint8Array {
  return sealColumn(metadataKey, { tenant, row: id, column }, canonicalBytes(value as never));
}

/** Who asks. Throws `integrity`. */
export function openPerson(metadataKey: SecretKey, request: Of & Pick<SubjectRequest, 'person'>): SubjectPerson {
  return open(metadataKey, request, 'person', request.person) as SubjectPerson;
}

/** How their identity was checked; null: not yet. Throws `integrity`. */
export function openEvidence(
  metadataKey: SecretKey,
  request: Of & Pick<SubjectRequest, 'evidence'>,
): SubjectIdentity | null {
  const { evidence } = request;
  return evidence === null ? null : (open(metadataKey, request, 'evidence', evidence) as SubjectIdentity);
}

/** What the person who decided adds; null for nothing. Throws `integrity`. */
export function openWords(metadataKey: SecretKey, request: Of & Pick<SubjectRequest, 'words'>): SubjectWords | null {
  return request.words === null ? null : (open(metadataKey, request, 'words', request.words) as SubjectWords);
}

/** The copies that can be made now; null: none. Throws `integrity`, also where the row names another officer or change. */
export function openCopies(
  metadataKey: SecretKey,
  request: Of & Pick<SubjectRequest, 'copies' | 'copiesBy' | 'change'>,
): ApprovedCopies | null {
  if (request.copies === null) return null;
  const copies = open(metadataKey, request, 'copies', request.copies) as ApprovedCopies;
  if (copies.officer !== request.copiesBy || copies.change !== request.change)
    throw new VaultError('integrity', 'the copies of a subject request are not those that two people approved');
  return copies;
}

type OfMatch = Pick<SubjectMatch, 'tenant' | 'request' | 'recording'>;

/** What an answer says of a recording, sealed in its row. */
export function sealTold(metadataKey: SecretKey, of: OfMatch, told: ToldRecording): Uint8Array {
  return sealColumn(metadataKey, placeOf(of), canonicalBytes(told as never));
}

/** The same, opened; null before its outcome was done. Throws `integrity`. */
export function openTold(metadataKey: SecretKey, match: OfMatch & Pick<SubjectMatch, 'told'>): ToldRecording | null {
  if (match.told === null) return null;
  return parseCanonicalObject(openColumn(metadataKey, placeOf(match), match.told)) as unknown as ToldRecording;
}

function placeOf({ tenant, request, recording }: OfMatch) {
  return { tenant, row: `${request}/${recording}`, column: 'told' };
}

function open(metadataKey: SecretKey, { tenant, id }: Of, column: string, sealed: Uint8Array): unknown {
  return parseCanonicalObject(openColumn(metadataKey, { tenant, row: id, column }, sealed));
}
