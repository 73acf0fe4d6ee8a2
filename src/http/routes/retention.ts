// Routes of retention: the schema of rules, starter packs, versions, what new ones would do, and the state of expiry.
import { z } from '@hono/zod-openapi';
import { retention as english } from '../../messages/en/retention.ts';
import { retention as chinese } from '../../messages/zh-CN/retention.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { diffRules } from '../../model/retention/difference.ts';
import { PACKS, rulesOfPack } from '../../model/retention/packs/packs.ts';
import { retentionJsonSchema } from '../../model/retention/shape.ts';
import { hasDuty } from '../../vault/core/process-role.ts';
import type { RequestContext } from '../../vault/core/request-context.ts';
import type { Vault } from '../../vault/core/vault.ts';
import {
  countRead,
  type ExpiryStatus,
  listRules,
  previewRules,
  type RulesVersion,
  readExpiry,
  readRulesVersion,
} from '../../vault/retention/read-rules.ts';
import { pauseExpiry } from '../../vault/retention/resume.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { negotiateLanguage } from '../language.ts';
import { decodeCursor, encodeCursor, json, list } from '../replies.ts';
import {
  expirySchema,
  oneRulesVersionSchema,
  packSchema,
  retentionEffectsSchema,
  rulesVersionSchema,
} from '../schemas/retention.ts';
import { idParams, jsonBody, jsonReply, listOf, pages } from '../schemas/shapes.ts';

const listQuery = z.object({
  ...pages(200, 50),
});
const previewBody = z.strictObject({ base: z.string().max(64).nullable(), rules: z.looseObject({}) });

export function retentionRoutes(vault: Vault) {
  const app = createRouter('retention');
  const schema = retentionJsonSchema();
  const erases = hasDuty(vault.settings.role, 'settle');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/retention/schema',
      operationId: 'getRetentionSchema',
      summary: 'Get the JSON Schema of retention rules',
      action: 'settings.read',
      audit: ['change.read'],
      responses: { 200: jsonReply('JSON Schema, draft 2020-12', z.looseObject({})) },
    },
    async (c) => {
      await countRead(vault, c.get('caller'), requestOf(c));
      return json(schema);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/retention/packs',
      operationId: 'listRetentionPacks',
      summary: 'List starter packs: rules for a country and trade, each with its clause, to edit and propose',
      action: 'settings.read',
      audit: ['change.read'],
      responses: { 200: jsonReply('The packs', listOf(packSchema)) },
    },
    async (c) => {
      await countRead(vault, c.get('caller'), requestOf(c));
      const { packs } = negotiateLanguage(c.req.header('accept-language')) === 'en' ? english : chinese;
      const data = PACKS.map((pack) => {
        const words = packs[pack.id as keyof typeof packs];
        return { id: pack.id, title: words.title, about: words.about, rules: rulesOfPack(pack, words) };
      });
      return list(data, null, c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/retention',
      operationId: 'listRetentionRules',
      summary: 'List the versions of the retention rules',
      action: 'settings.read',
      audit: ['change.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('Newest first', listOf(rulesVersionSchema)) },
    },
    async (c) => {
      const { cursor, limit } = queryIn(c, listQuery);
      const wanted = { before: decodeCursor(cursor, 1)?.[0] ?? null, limit };
      const { versions, next } = await listRules(vault, c.get('caller'), wanted, requestOf(c));
      return list(versions.map(versionToJson), next === null ? null : encodeCursor(next), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/retention/{id}',
      operationId: 'getRetentionRules',
      summary: 'Get a version of the retention rules, whole',
      action: 'settings.read',
      audit: ['change.read'],
      request: { params: idParams },
      responses: { 200: jsonReply('The version', oneRulesVersionSchema) },
    },
    async (c) => {
      const version = await readRulesVersion(vault, c.get('caller'), idIn(c, 'ret'), requestOf(c));
      return json({ ...versionToJson(version), rules: version.rules });
    },
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/retention/preview',
      repeated: 'reads',
      operationId: 'previewRetention',
      summary: 'Count what other rules would do to every recording: nothing is kept',
      action: 'settings.read',
      audit: ['change.read'],
      // Rules name fields; it counts recordings by rule for people who read every field in lists.
      looksUp: 'none',
      request: { body: jsonBody(previewBody) },
      refuses: ['conflict'],
      responses: { 200: jsonReply('The effects', retentionEffectsSchema) },
    },
    async (c) => {
      const { base, rules } = bodyIn(c, previewBody);
      const wanted = { kind: 'retention', base, rules } as const;
      const { body, preview } = await previewRules(vault, c.get('caller'), wanted, requestOf(c));
      const { retention: id, was, set } = body;
      const difference = was === null ? [] : diffRules(was, set);
      return json({ id, base, was, set, difference, preview });
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/expiry',
      operationId: 'getExpiry',
      summary: 'Get the state of expiry: running, paused or braked, and how many recordings are due',
      action: 'settings.read',
      audit: ['change.read'],
      responses: { 200: jsonReply('The state', expirySchema) },
    },
    async (c) => {
      await countRead(vault, c.get('caller'), requestOf(c));
      return json(expiryToJson(await readExpiry(vault, c.get('caller').tenant, erases, requestOf(c))));
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/expiry/pause',
      operationId: 'pauseExpiry',
      withoutKey: true,
      summary: 'Pause expiry at once: two people resume it',
      action: 'expiry.pause',
      audit: ['expiry.paused'],
      refuses: ['conflict'],
      responses: { 200: jsonReply('The state', expirySchema) },
    },
    (c) => {
      const by = c.get('caller');
      const paused = async (receipt: Receipt | undefined, request: RequestContext) => ({
        status: await readExpiry(vault, by.tenant, erases, request),
        receipt,
      });
      return {
        first: async (request) => paused(await pauseExpiry(vault, by, request), request),
        again: ({ receipt }, request) => paused(receipt, request),
        reply: ({ status, receipt }) => json(expiryToJson(status), 200, receipt),
      };
    },
  );
  return app;
}

function versionToJson({ row, number, inForce, proposer, decider }: RulesVersion) {
  const { id, created, change } = row;
  return { id, version: number, created, in_force: inForce, change, proposer_name: proposer, decider_name: decider };
}

function expiryToJson({ expiry, due, now, waits }: ExpiryStatus) {
  const erased = expiry?.day === now.slice(0, 10) ? expiry.erased : 0;
  return {
    state: expiry === null ? 'no_rules' : expiry.state.toLowerCase(),
    since: expiry?.since ?? null,
    by: expiry?.actor ?? null,
    applying: expiry?.applying ?? null,
    due,
    erased_today: erased,
    waits_for_clock: waits === null ? null : { last_trusted: waits.lastTrusted, until: waits.until },
  };
}
