// The route of one recording's lifetime: until when it is kept, when it expires, and why.
import { z } from '@hono/zod-openapi';
import type { EndOfRecording, RuleOfRecording } from '../../model/retention/recording-lifetime.ts';
import { type LifetimeUnder, readLifetime } from '../../vault/catalogue/read-lifetime.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { requestOf } from '../context.ts';
import { createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { json } from '../replies.ts';
import { lifetimeSchema } from '../schemas/retention.ts';
import { idParams, jsonReply } from '../schemas/shapes.ts';

const lifetimeQuery = z.object({
  version: z
    .string()
    .regex(/^chg_[0-9a-z]{26}$/, 'change_id')
    .optional()
    .openapi({ description: 'the open change to compare with; by default the newest' }),
});

export function lifetimeRoutes(vault: Vault) {
  const app = createRouter('recordings');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/recordings/{id}/lifetime',
      operationId: 'getLifetime',
      summary: 'Explain how long a recording stays: until when it is kept, when it expires, and which rule says so',
      action: 'recording.lifetime',
      audit: ['activity.read'],
      refuses: ['erased', 'integrity'],
      request: { params: idParams, query: lifetimeQuery },
      responses: { 200: jsonReply('Under the rules in force, and under proposed ones', lifetimeSchema) },
    },
    async (c) => {
      const { version = null } = queryIn(c, lifetimeQuery);
      const read = await readLifetime(vault, c.get('caller'), idIn(c, 'rec'), version, requestOf(c));
      const { recording, asked, inForce, proposed } = read;
      return json({
        ...{ recording: recording.id, ruled: recording.ruled },
        in_force: underToJson(inForce),
        proposed: proposed === null ? null : { ...underToJson(proposed), change: proposed.change },
        ...{ retain_until: recording.retainUntil, holds: recording.holds, restricted: recording.restricted },
        asked: asked === null ? null : { at: asked.at, request: asked.request },
      });
    },
  );
  return app;
}

function underToJson({ version, lifetime: { keep, keeps, expires } }: LifetimeUnder) {
  const { until, cause, rule, ofRule, waitsFor } = expires;
  return {
    version,
    keep: keep === null ? null : endToJson(keep),
    keeps: keeps.map(endToJson),
    expires: { until, cause, rule: rule === null ? null : ruleToJson(rule), of_rule: ofRule, waits_for: waitsFor },
  };
}

function endToJson({ until, ...rule }: EndOfRecording) {
  return { until, ...ruleToJson(rule) };
}

function ruleToJson({ waitsFor, ...rule }: RuleOfRecording) {
  return { ...rule, waits_for: waitsFor };
}
