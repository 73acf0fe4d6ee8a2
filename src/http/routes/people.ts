// Routes of people and API keys: list, sign out, deactivate, remove roles, revoke. Giving access takes a change by two.

import { z } from '@hono/zod-openapi';
import { actorOf } from '../../vault/core/events/events.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { revokeApiKey } from '../../vault/people/api-keys.ts';
import { deactivatePerson } from '../../vault/people/deactivate.ts';
import { type ApiKeyView, listApiKeys } from '../../vault/people/list-api-keys.ts';
import { listPeople, type PersonView } from '../../vault/people/list-people.ts';
import { removeRoles } from '../../vault/people/remove-roles.ts';
import { signOutPerson } from '../../vault/people/sign-out.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { decodeCursor, encodeCursor, json, list, pageOf } from '../replies.ts';
import { apiKeySchema, personSchema } from '../schemas/people.ts';
import { personRole } from '../schemas/people-rows.ts';
import { endedSchema, idParams, jsonBody, jsonReply, listOf, pages } from '../schemas/shapes.ts';

const listQuery = z.object({
  ...pages(200, 100),
});

const removalBody = z.strictObject({ roles: z.array(personRole).min(1).max(7) });

export function peopleRoutes(vault: Vault) {
  const app = createRouter('people');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/people',
      operationId: 'listPeople',
      summary: 'List people and services of the tenant, oldest first: names, roles and state',
      action: 'people.read',
      audit: ['people.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('A page of people and services', listOf(personSchema)) },
    },
    async (c) => {
      const { cursor, limit } = queryIn(c, listQuery);
      const [after = ''] = decodeCursor(cursor, 1) ?? [];
      const people = await listPeople(vault, c.get('caller'), after, limit + 1, requestOf(c));
      const { shown, last } = pageOf(people, limit);
      return list(shown.map(personToJson), last === null ? null : encodeCursor(last.principal.id), c.req.url);
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/people/{id}/sign-out',
      operationId: 'signOutPerson',
      withoutKey: true,
      summary: 'Sign a person out everywhere, and end their listening sessions in browsers',
      action: 'people.sign-out',
      audit: ['sign_in.ended', 'session.ended'],
      request: { params: idParams },
      refuses: ['conflict'],
      responses: { 200: jsonReply('Signed out', endedSchema) },
    },
    (c) => {
      const id = idIn(c, 'usr');
      return {
        first: (request) => signOutPerson(vault, c.get('caller'), id, request),
        again: async ({ receipt }) => receipt,
        reply: (receipt) => json({ id, state: 'signed-out' }, 200, receipt),
      };
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/people/{id}/deactivate',
      operationId: 'deactivatePerson',
      withoutKey: true,
      summary: 'Deactivate a person: their sign-ins, sessions, requests, grants and API keys end at once',
      action: 'people.remove',
      audit: [
        'person.off',
        'sign_in.ended',
        'session.ended',
        'access.cancelled',
        'grant.revoked',
        'subject.copies_ended',
        'api_key.revoked',
      ],
      request: { params: idParams },
      refuses: ['conflict'],
      responses: { 200: jsonReply('Deactivated', endedSchema) },
    },
    (c) => {
      const id = idIn(c, 'usr');
      return {
        first: (request) => deactivatePerson(vault, c.get('caller'), id, request),
        again: async ({ receipt }) => receipt,
        reply: (receipt) => json({ id, state: 'off' }, 200, receipt),
      };
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/people/{id}/remove-roles',
      operationId: 'removeRoles',
      summary: 'Remove roles of a person at once; one role must be left',
      action: 'people.remove',
      audit: ['person.changed'],
      request: { params: idParams, body: jsonBody(removalBody) },
      refuses: ['conflict'],
      responses: { 200: jsonReply('Removed', endedSchema) },
    },
    (c) => {
      const id = idIn(c, 'usr');
      const body = bodyIn(c, removalBody);
      return {
        body,
        first: (request) => removeRoles(vault, c.get('caller'), id, body.roles, request),
        again: async ({ receipt }) => receipt,
        reply: (receipt) => json({ id, state: 'active' }, 200, receipt),
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/api-keys',
      operationId: 'listApiKeys',
      summary: 'List API keys of the tenant, newest first, without secrets',
      action: 'api-key.read',
      audit: ['api_key.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('A page of API keys', listOf(apiKeySchema)) },
    },
    async (c) => {
      const { cursor, limit } = queryIn(c, listQuery);
      const [before = null] = decodeCursor(cursor, 1) ?? [];
      const keys = await listApiKeys(vault, c.get('caller'), before, limit + 1, requestOf(c));
      const { shown, last } = pageOf(keys, limit);
      return list(shown.map(apiKeyToJson), last === null ? null : encodeCursor(last.apiKey.id), c.req.url);
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/api-keys/{id}/revoke',
      operationId: 'revokeApiKey',
      withoutKey: true,
      summary: 'Revoke an API key; it stops working immediately',
      action: 'api-key.revoke',
      audit: ['api_key.revoked'],
      request: { params: idParams },
      refuses: ['conflict'],
      responses: { 200: jsonReply('Revoked', endedSchema) },
    },
    (c) => {
      const id = idIn(c, 'key');
      const caller = c.get('caller');
      return {
        first: (request) => revokeApiKey(vault, actorOf(caller), id, caller.tenant, request),
        again: async ({ receipt }) => receipt,
        reply: (receipt) => json({ id, state: 'revoked' }, 200, receipt),
      };
    },
  );
  return app;
}

function personToJson({ principal, name, signingIn }: PersonView) {
  const { id, kind, state, created, owners } = principal;
  return {
    id,
    kind,
    name,
    roles: principal.roles,
    state: state.toLowerCase(),
    created,
    trained_until: principal.trainedUntil,
    owners,
    passkeys: signingIn?.passkeys ?? null,
    sign_ins: signingIn?.signIns ?? null,
    last_seen: signingIn?.lastSeen ?? null,
    link_until: signingIn?.linkUntil ?? null,
  };
}

function apiKeyToJson({ apiKey, name, expired }: ApiKeyView) {
  const { id, principal, scopes, state, created, expires } = apiKey;
  return {
    id,
    principal,
    principal_name: name,
    scopes,
    state: state === 'ACTIVE' && expired ? 'expired' : state.toLowerCase(),
    created,
    expires,
  };
}
