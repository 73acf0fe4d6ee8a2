// Routes of consent: notices, withdrawals, restricting a recording.
import { z } from '@hono/zod-openapi';
import { withoutUndefined } from '../../model/facts.ts';
import { addNotice, listNotices, replayAddedNotice } from '../../vault/consent/notices.ts';
import { replayRestriction, restrictRecording } from '../../vault/consent/restrict.ts';
import { listWithdrawals, replayWithdrawal, withdrawConsent } from '../../vault/consent/withdraw.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { decodeCursor, encodeCursor, json, list, pageOf } from '../replies.ts';
import {
  addedNoticeSchema,
  noticeBody,
  noticeSchema,
  restrictBody,
  restrictedSchema,
  withdrawalBody,
  withdrawalSchema,
  withdrawnSchema,
} from '../schemas/consent.ts';
import { idParams, jsonBody, jsonReply, listOf, pages } from '../schemas/shapes.ts';

const listQuery = z.object({
  ...pages(200, 50),
});

export function consentRoutes(vault: Vault) {
  const app = createRouter('consent');
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/notices',
      operationId: 'addNotice',
      summary: 'Add a notice that callers hear, its next version, or another language of a version',
      action: 'basis.change',
      audit: ['notice.added'],
      request: { body: jsonBody(noticeBody) },
      refuses: ['not_found', 'conflict'],
      responses: { 201: jsonReply('The notice and version that a basis names', addedNoticeSchema) },
    },
    (c) => {
      const by = c.get('caller');
      const body = bodyIn(c, noticeBody);
      const { language, text, ...of } = body;
      const wanted = { language, text, ...withoutUndefined(of) };
      return {
        body,
        first: (request) => addNotice(vault, by, wanted, request),
        again: (stored, request) => replayAddedNotice(vault, by, stored, request),
        reply: ({ id, version, receipt }) => json({ id, version }, 201, receipt),
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/notices',
      operationId: 'listNotices',
      summary: 'List notices with their texts',
      action: 'lifetime.read',
      audit: ['change.read'],
      refuses: ['integrity'],
      responses: { 200: jsonReply('Newest first', listOf(noticeSchema)) },
    },
    async (c) => list(await listNotices(vault, c.get('caller'), requestOf(c)), null, c.req.url),
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/withdrawals',
      operationId: 'withdrawConsent',
      summary: 'Withdraw consent to calls with a number or a field, and end what relies on it',
      action: 'basis.change',
      audit: ['consent.withdrawn', 'recording.amended', 'grant.revoked', 'subject.copies_ended', 'session.ended'],
      looksUp: 'budget',
      request: { body: jsonBody(withdrawalBody) },
      responses: {
        201: jsonReply('Recorded; the same whether or not a call has the number or field', withdrawnSchema),
      },
    },
    (c) => {
      const by = c.get('caller');
      const body = bodyIn(c, withdrawalBody);
      const { purposes, reason, ...of } = body;
      const wanted = { purposes, reason, ...withoutUndefined(of) };
      return {
        body,
        first: (request) => withdrawConsent(vault, by, wanted, request),
        again: (stored, request) => replayWithdrawal(vault, by, stored, request),
        reply: ({ withdrawal, receipt }) =>
          json({ id: withdrawal.id, at: withdrawal.at, purposes: withdrawal.purposes }, 201, receipt),
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/withdrawals',
      operationId: 'listWithdrawals',
      summary: 'List withdrawals of consent; not whose, and not what they reach',
      action: 'lifetime.read',
      audit: ['change.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('Newest first', listOf(withdrawalSchema)) },
    },
    async (c) => {
      const { cursor, limit } = queryIn(c, listQuery);
      const before = decodeCursor(cursor, 1)?.[0] ?? null;
      const { shown, last } = pageOf(
        await listWithdrawals(vault, c.get('caller'), before, limit + 1, requestOf(c)),
        limit,
      );
      const data = shown.map(({ id, created, at, purposes, due }) => ({
        ...{ id, created, at, purposes },
        state: due === null ? 'done' : 'running',
      }));
      return list(data, last === null ? null : encodeCursor(last.id), c.req.url);
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/recordings/{id}/restrict',
      tag: 'recordings',
      operationId: 'restrictRecording',
      summary: 'Restrict a recording to legal purposes and subject requests; it no longer expires',
      action: 'basis.change',
      audit: ['recording.restricted', 'grant.revoked', 'subject.copies_ended', 'session.ended'],
      request: { params: idParams, body: jsonBody(restrictBody) },
      refuses: ['conflict', 'erased', 'integrity'],
      responses: { 200: jsonReply('Restricted', restrictedSchema) },
    },
    (c) => {
      const [by, id, body] = [c.get('caller'), idIn(c, 'rec'), bodyIn(c, restrictBody)];
      return {
        body,
        first: (request) => restrictRecording(vault, by, id, body, request),
        again: (stored, request) => replayRestriction(vault, by, id, stored, request),
        reply: ({ restriction, receipt }) => json({ id, restricted: restriction }, 200, receipt),
      };
    },
  );
  return app;
}
