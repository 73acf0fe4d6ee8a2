// Subject requests and the recordings that each found, and the columns of both.
import type { SubjectMatch, SubjectRequest } from '../../model/subject/request.ts';
import { flagColumn, isSet, listColumn, listIn, type Mapping } from './mapping.ts';

export type SubjectColumns = Omit<SubjectRequest, 'kinds'> & { readonly kinds: string };
export type MatchColumns = Omit<SubjectMatch, 'holds'> & { readonly holds: number };

export const subjectRequests: Mapping<SubjectRequest, SubjectColumns> = {
  toNoun: ({ kinds, ...columns }) => ({ ...columns, kinds: listIn(kinds) }),
  toColumns: ({ kinds, ...request }) => ({
    tenant: request.tenant,
    id: request.id,
    kinds: listColumn(kinds),
    state: request.state,
    version: request.version,
    round: request.round,
    created: request.created,
    received: request.received,
    due: request.due,
    extended: request.extended,
    manager: request.manager,
    person: request.person,
    identified: request.identified,
    evidence: request.evidence,
    searched: request.searched,
    change: request.change,
    words: request.words,
    copies: request.copies,
    copiesBy: request.copiesBy,
    ended: request.ended,
  }),
};

export const subjectMatches: Mapping<SubjectMatch, MatchColumns> = {
  toNoun: ({ holds, ...columns }) => ({ ...columns, holds: isSet(holds) }),
  toColumns: ({ holds, ...match }) => ({
    tenant: match.tenant,
    request: match.request,
    recording: match.recording,
    outcome: match.outcome,
    done: match.done,
    holds: flagColumn(holds),
    told: match.told,
  }),
};
