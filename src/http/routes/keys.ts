// Routes for operators: the keys of all tenants and the plan of a re-wrap. Rotation is a command.

import { z } from '@hono/zod-openapi';
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import { keyOf, type Tenant } from '../../model/tenant.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { type Backlog, type Census, isBacklogEmpty } from '../../vault/keys/census.ts';
import { type KeyView, keyOverview } from '../../vault/keys/overview/overview.ts';
import type { RewrapPlan } from '../../vault/keys/plan.ts';
import { requestOf } from '../context.ts';
import { createRouter, queryIn, serve } from '../endpoint.ts';
import { decodeCursor, encodeCursor, json, list, pageOf } from '../replies.ts';
import { keyPlanSchema, tenantKeysSchema } from '../schemas/keys.ts';
import { jsonReply, listOf, pages } from '../schemas/shapes.ts';

const listQuery = z.object({
  ...pages(200, 100),
});

export function keyRoutes(vault: Vault) {
  const app = createRouter('keys');
  const overview = keyOverview(vault);
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/keys',
      operationId: 'listTenantKeys',
      summary: 'List the keys of all tenants: wrapped keys by generation, the key’s state, and a running re-wrap',
      action: 'keys.read',
      audit: ['key.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('A page of tenants, oldest first', listOf(tenantKeysSchema)) },
    },
    async (c) => {
      const { cursor, limit } = queryIn(c, listQuery);
      const [after = ''] = decodeCursor(cursor, 1) ?? [];
      const views = await overview.page(c.get('caller'), after, limit + 1, requestOf(c));
      const { shown: page, last } = pageOf(views, limit);
      return list(page.map(tenantKeysToJson), last === null ? null : encodeCursor(last.tenant.tenant), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/keys/{tenant}/plan',
      operationId: 'getKeyPlan',
      summary: 'Plan a re-wrap: its work now and after a rotation, its duration, and the command',
      action: 'keys.read',
      audit: ['key.read'],
      request: { params: z.object({ tenant: z.string() }) },
      refuses: ['not_found'],
      responses: { 200: jsonReply('The plan', keyPlanSchema) },
    },
    async (c) => {
      const id = c.req.param('tenant') ?? '';
      if (!isId(id, 'ten')) throw new VaultError('not_found', 'there is no such tenant');
      const { tenant, now, afterTurn } = await overview.plan(c.get('caller'), id, requestOf(c));
      const left = backlogToJson(now.backlog);
      const isDone = isBacklogEmpty(now.backlog);
      const next = !isDone ? 'rewrap' : tenant.minimumWrap < tenant.wrap ? 'retire' : 'rotate';
      const commands = commandsOf(id);
      const after_rotation = effortToJson(afterTurn);
      const what = { tenant: id, generation: tenant.wrap, left, ...effortToJson(now), after_rotation, next };
      return json({ ...what, command: commands[next], commands });
    },
  );
  return app;
}

function commandsOf(tenant: string) {
  const command = (rest: string): string => `callvault keys ${rest}`;
  return {
    rotate: command(`rotate ${tenant}`),
    dry_run: command(`rewrap ${tenant} --dry-run`),
    rewrap: command(`rewrap ${tenant}`),
    retire: command(`retire ${tenant}`),
  };
}

function effortToJson({ backlog: left, envelopes, calls, dollars, seconds }: RewrapPlan) {
  return {
    data_keys: left.dataKeys,
    ingest_keys: left.ingestKeys,
    envelopes,
    kms_calls: calls,
    kms_dollars: dollars,
    seconds,
  };
}

function backlogToJson({ dataKeys, underway, envelopes, metadataKey, tenantBlob, ingestKeys, ingestBlobs }: Backlog) {
  return {
    data_keys: dataKeys,
    under_way: underway,
    envelopes,
    metadata_key: metadataKey,
    tenant_json: tenantBlob,
    // A key's row is re-wrapped before its blob.
    ingest_keys: ingestKeys + ingestBlobs,
  };
}

function tenantKeysToJson({
  tenant,
  census,
  backlog: left,
  counted,
  availability: standing,
  lastRotation: turned,
  rewrap: running,
}: KeyView) {
  const { scheme, id } = keyOf(tenant);
  return {
    tenant: tenant.tenant,
    name: tenant.name,
    state: tenant.state.toLowerCase(),
    key_scheme: scheme,
    key_id: id,
    key_state: standing.state,
    key_reason: standing.why,
    volume: tenant.volume,
    generation: tenant.wrap,
    minimum_generation: tenant.minimumWrap,
    counted,
    generations: generationsToJson(tenant, census),
    left: backlogToJson(left),
    last_rotation: turned,
    running:
      running === null
        ? null
        : {
            step: running.step,
            since: running.since,
            by: running.by,
            done: running.done,
            left: running.left,
            rate_per_s: running.ratePerSecond,
          },
  };
}

/** The current generation and every other one that still wraps keys, newest first. */
function generationsToJson({ wrap }: Tenant, { lines, tenantKeks, ingestKeys }: Census) {
  const all = new Set([wrap, ...[...lines, ...tenantKeks, ...ingestKeys].map((one) => one.wrap)]);
  return [...all]
    .sort((one, other) => other - one)
    .map((generation) => {
      const of = lines.filter((line) => line.wrap === generation);
      const sum = (what: 'keys' | 'envelopesBehind', available: boolean): number =>
        of.filter(({ state }) => (state === 'AVAILABLE') === available).reduce((all, line) => all + line[what], 0);
      return {
        generation,
        keys: sum('keys', true),
        under_way: sum('keys', false),
        envelopes_behind: sum('envelopesBehind', true),
        tenant_keks: tenantKeks.filter((kek) => kek.wrap === generation).length,
        ingest_keys: ingestKeys.filter((key) => key.wrap === generation).length,
      };
    });
}
