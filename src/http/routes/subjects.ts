// Routes of subject requests: open, identify, search, decide, answer. The decision is a change by two people (routes/changes.ts).
import { z } from '@hono/zod-openapi';
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import { withoutUndefined } from '../../model/facts.ts';
import type { Caller } from '../../model/principal.ts';
import { SUBJECT_STATES, type SubjectState } from '../../model/subject/request.ts';
import { proposeAnswer } from '../../vault/changes/propose-answer.ts';
import type { RequestContext } from '../../vault/core/request-context.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { replaySubject } from '../../vault/subjects/change-subject.ts';
import { answerSubject } from '../../vault/subjects/close.ts';
import { openSubject, replayOpened } from '../../vault/subjects/open.ts';
import { listSubjectRecordings, listSubjects, readSubject } from '../../vault/subjects/read.ts';
import { extendSubject, identifySubject, searchSubject } from '../../vault/subjects/steps.ts';
import type { SubjectResult } from '../../vault/subjects/view.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, type Endpoint, idIn, queryIn, type Router, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { decodeCursor, encodeCursor, json, list, pageOf } from '../replies.ts';
import { idParams, jsonBody, jsonReply, listOf, pages } from '../schemas/shapes.ts';
import {
  answeredBody,
  extensionBody,
  identityBody,
  searchBody,
  subjectBody,
  subjectDecisionBody,
  subjectRecordingSchema,
  subjectSchema,
} from '../schemas/subjects.ts';
import { subjectRecordingToJson, subjectToJson } from '../subject-json.ts';

const STATES = SUBJECT_STATES.map((one) => one.toLowerCase()) as Lowercase<SubjectState>[];
const listQuery = z.object({ state: z.enum(STATES).optional(), ...pages(200, 50) });
const recordingsQuery = z.object(pages(200, 50));

export function subjectRoutes(vault: Vault) {
  const app = createRouter('subject-requests');
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/subject-requests',
      operationId: 'openSubjectRequest',
      summary: 'Open the request of a person whose calls are recorded',
      action: 'subject.manage',
      audit: [
        'subject.opened',
        'consent.withdrawn',
        'recording.amended',
        'grant.revoked',
        'subject.copies_ended',
        'session.ended',
      ],
      looksUp: 'budget',
      request: { body: jsonBody(subjectBody) },
      refuses: ['conflict'],
      responses: { 201: jsonReply('Opened', subjectSchema) },
    },
    (c) => {
      const [by, body] = [c.get('caller'), bodyIn(c, subjectBody)];
      const { received, kinds, person } = body;
      const { name, asks, ...said } = person;
      const wanted = {
        kinds,
        person: { ...said, ...withoutUndefined({ name, asks }) },
        ...(received === undefined ? {} : { received }),
      };
      return {
        body,
        first: (request) => openSubject(vault, by, wanted, request),
        again: (stored, request) => replayOpened(vault, by, stored, request),
        reply: ({ view, receipt }) =>
          json(subjectToJson(view), 201, receipt, { location: `/v1/subject-requests/${view.request.id}` }),
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/subject-requests',
      operationId: 'listSubjectRequests',
      summary: 'List subject requests',
      action: 'lifetime.read',
      audit: ['subject.read'],
      request: { query: listQuery },
      refuses: ['integrity'],
      responses: { 200: jsonReply('Newest first', listOf(subjectSchema)) },
    },
    async (c) => {
      const { state, cursor: at, limit: most } = queryIn(c, listQuery);
      const before = idAfter(at, 'sub');
      const wanted = { state: (state?.toUpperCase() as SubjectState | undefined) ?? null, before, limit: most + 1 };
      const { shown, last } = pageOf(await listSubjects(vault, c.get('caller'), wanted, requestOf(c)), most);
      return list(shown.map(subjectToJson), last === null ? null : encodeCursor(last.request.id), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/subject-requests/{id}',
      operationId: 'getSubjectRequest',
      summary: 'Get a subject request',
      action: 'lifetime.read',
      audit: ['subject.read'],
      request: { params: idParams },
      refuses: ['integrity'],
      responses: { 200: jsonReply('The request', subjectSchema) },
    },
    async (c) => json(subjectToJson(await readSubject(vault, c.get('caller'), idIn(c, 'sub'), requestOf(c)))),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/subject-requests/{id}/recordings',
      operationId: 'listSubjectRecordings',
      summary: 'List the recordings that a subject request found, and what becomes of each',
      action: 'lifetime.read',
      audit: ['subject.read'],
      request: { params: idParams, query: recordingsQuery },
      refuses: ['integrity'],
      responses: { 200: jsonReply('In order of their ids', listOf(subjectRecordingSchema)) },
    },
    async (c) => {
      const { cursor: at, limit: most } = queryIn(c, recordingsQuery);
      const [id, after] = [idIn(c, 'sub'), idAfter(at, 'rec') ?? ''];
      const found = await listSubjectRecordings(vault, c.get('caller'), id, after, most + 1, requestOf(c));
      const { shown, last } = pageOf(found, most);
      const next = last === null ? null : encodeCursor(last.match.recording);
      return list(shown.map(subjectRecordingToJson), next, c.req.url);
    },
  );
  step(app, vault, {
    method: 'post',
    path: '/v1/subject-requests/{id}/identity',
    operationId: 'identifySubject',
    body: identityBody,
    audit: ['subject.identified'],
    summary: 'Record how the identity of the person was checked',
    take: ({ how }, at) => identifySubject(vault, at.by, at.id, how, at.request),
  });
  step(app, vault, {
    method: 'post',
    path: '/v1/subject-requests/{id}/search',
    operationId: 'searchSubject',
    body: searchBody,
    audit: ['subject.searched'],
    looksUp: 'budget',
    summary: "Find the person's recordings; once more adds those that came since",
    take: (period, at) => searchSubject(vault, at.by, at.id, withoutUndefined(period), at.request),
  });
  step(app, vault, {
    method: 'post',
    path: '/v1/subject-requests/{id}/extend',
    operationId: 'extendSubject',
    body: extensionBody,
    audit: ['subject.extended'],
    summary: 'Give the answer two more months, once',
    take: ({ reason }, at) => extendSubject(vault, at.by, at.id, reason, at.request),
  });
  step(app, vault, {
    method: 'post',
    path: '/v1/subject-requests/{id}/decision',
    operationId: 'decideSubject',
    body: subjectDecisionBody,
    audit: ['change.proposed', 'subject.proposed', 'subject.copies_ended', 'session.ended'],
    summary: 'Propose what becomes of the recordings, or a rejection, as a change for a second person',
    take: ({ refusal = null, words, copies, ...wanted }, at) => {
      const who = copies === undefined ? null : withoutUndefined(copies);
      const decided = { ...wanted, words: withoutUndefined(words), refusal, copies: who };
      return proposeAnswer(vault, at.by, at.id, decided, at.request);
    },
  });
  step(app, vault, {
    method: 'post',
    path: '/v1/subject-requests/{id}/answer',
    operationId: 'answerSubject',
    body: answeredBody,
    audit: ['subject.answered', 'subject.copies_ended', 'session.ended'],
    summary: 'Record that the answer was sent',
    take: (_, at) => answerSubject(vault, at.by, at.id, at.request),
  });
  return app;
}

/** A step of a request: its body, its events, and what takes it. */
type Step<Body extends z.ZodType> = {
  readonly method: 'post';
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly body: Body;
  readonly audit: Endpoint['audit'];
  /** As of an endpoint: a request keeps the person's numbers and fields. */
  readonly looksUp?: Endpoint['looksUp'];
  readonly take: (
    body: z.output<Body>,
    at: { readonly by: Caller; readonly id: string; readonly request: RequestContext },
  ) => Promise<SubjectResult>;
};

function step<Body extends z.ZodType>(
  app: Router,
  vault: Vault,
  { method, path, operationId, summary, body: schema, audit, looksUp = 'none', take }: Step<Body>,
): void {
  serveIdempotent(
    app,
    vault,
    {
      ...{ method, path, operationId, summary },
      action: 'subject.manage',
      audit,
      looksUp,
      request: { params: idParams, body: jsonBody(schema) },
      refuses: ['conflict'],
      responses: { 200: jsonReply('The request', subjectSchema) },
    },
    (c) => {
      const [by, id, body] = [c.get('caller'), idIn(c, 'sub'), bodyIn(c, schema)];
      return {
        body,
        first: (request) => take(body, { by, id, request }),
        again: (stored, request) => replaySubject(vault, by, id, stored, request),
        reply: ({ view, receipt }: SubjectResult) => json(subjectToJson(view), 200, receipt),
      };
    },
  );
}

function idAfter(cursorText: string | undefined, kind: 'sub' | 'rec'): string | null {
  const id = decodeCursor(cursorText, 1)?.[0] ?? null;
  if (id !== null && !isId(id, kind)) throw new VaultError('malformed', 'the cursor is not valid');
  return id;
}
