// Routes of the versions of the access policy: its schema, the versions, and what another one would do.
import { z } from '@hono/zod-openapi';
import { policyJsonSchema, policyShape } from '../../model/policy/shape.ts';
import {
  countPolicyRead,
  listPolicyVersions,
  type PolicyVersion,
  readPolicyVersion,
} from '../../vault/access/policy-versions.ts';
import { previewPolicy } from '../../vault/changes/policy-draft.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { policyEffectsToJson } from '../change-json.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { decodeCursor, encodeCursor, json, list } from '../replies.ts';
import { policyEffectsSchema } from '../schemas/changes.ts';
import { onePolicySchema, policyVersionSchema } from '../schemas/policy.ts';
import { idParams, jsonBody, jsonReply, listOf, pages } from '../schemas/shapes.ts';

const listQuery = z.object({
  ...pages(200, 50),
});
const previewBody = z.strictObject({ base: z.string().max(64), policy: policyShape });

export function policiesRoutes(vault: Vault) {
  const app = createRouter('policy');
  const schema = policyJsonSchema();
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/policy/schema',
      operationId: 'getPolicySchema',
      summary: 'Get the JSON Schema of an access policy',
      action: 'settings.read',
      audit: ['change.read'],
      responses: { 200: jsonReply('JSON Schema, draft 2020-12', z.looseObject({})) },
    },
    async (c) => {
      await countPolicyRead(vault, c.get('caller'), requestOf(c));
      return json(schema);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/policies',
      operationId: 'listPolicies',
      summary: 'List the versions of the access policy',
      action: 'settings.read',
      audit: ['change.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('Newest first', listOf(policyVersionSchema)) },
    },
    async (c) => {
      const { cursor, limit } = queryIn(c, listQuery);
      const wanted = { before: decodeCursor(cursor, 1)?.[0] ?? null, limit };
      const { versions, next } = await listPolicyVersions(vault, c.get('caller'), wanted, requestOf(c));
      return list(versions.map(versionToJson), next === null ? null : encodeCursor(next), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/policies/{id}',
      operationId: 'getPolicyVersion',
      summary: 'Get a version of the access policy, whole',
      action: 'settings.read',
      audit: ['change.read'],
      request: { params: idParams },
      responses: { 200: jsonReply('The version', onePolicySchema) },
    },
    async (c) => {
      const version = await readPolicyVersion(vault, c.get('caller'), idIn(c, 'pol'), requestOf(c));
      return json({ ...versionToJson(version), policy: version.policy, text: version.row.body });
    },
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/policies/preview',
      repeated: 'reads',
      operationId: 'previewPolicy',
      summary: 'Compare a policy with the one in force, line by line and on the last 30 days; nothing is stored',
      action: 'change.propose',
      audit: ['change.read'],
      request: { body: jsonBody(previewBody) },
      refuses: ['conflict'],
      responses: { 200: jsonReply('What it would do', policyEffectsSchema) },
    },
    async (c) => {
      const { base, policy } = bodyIn(c, previewBody);
      const drafted = await previewPolicy(vault, c.get('caller'), { kind: 'policy', base, policy }, requestOf(c));
      return json(policyEffectsToJson(drafted.body, drafted.preview));
    },
  );
  return app;
}

function versionToJson({ row, number, inForce, proposer, decider }: PolicyVersion) {
  const { id, created, change } = row;
  return { id, version: number, created, in_force: inForce, change, proposer_name: proposer, decider_name: decider };
}
