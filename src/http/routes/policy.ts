// The route of the tenant's current policy.

import { rulesOf } from '../../model/policy.ts';
import type { Caller } from '../../model/principal.ts';
import { isLimitedToTeams } from '../../model/team/scope.ts';
import { readPolicy } from '../../vault/access/read-policy.ts';
import type { PolicyInForce } from '../../vault/core/policy/policy-in-force.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { requestOf } from '../context.ts';
import { createRouter, serve } from '../endpoint.ts';
import { json } from '../replies.ts';
import { policySchema } from '../schemas/policy.ts';
import { jsonReply } from '../schemas/shapes.ts';

export function policyRoutes(vault: Vault) {
  const app = createRouter('policy');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/policy',
      operationId: 'getPolicy',
      summary: 'Get the current policy: purposes and their rules',
      action: 'access.explain',
      audit: ['access.read'],
      responses: { 200: jsonReply('The policy', policySchema) },
    },
    async (c) => {
      const caller = c.get('caller');
      return json(policyToJson(await readPolicy(vault, caller, requestOf(c)), caller));
    },
  );
  return app;
}

function policyToJson({ id, policy }: PolicyInForce, { roles }: Pick<Caller, 'roles'>) {
  const purposes = rulesOf(policy).map(([purpose, rule]) => ({
    purpose,
    minutes_max: rule.longestMinutes,
    window_hours: rule.windowHours ?? null,
    extend_minutes: rule.extendMinutes,
    // Every purpose needs another person's approval.
    approvals: Math.max(1, rule.approvals),
    other_team: rule.otherTeam,
    objects: rule.objects,
    bases: rule.bases,
    consent: rule.consent ?? 'any',
    roles: rule.roles,
    assignable: rule.assignable,
  }));
  return {
    ...{ id, purposes, scope: isLimitedToTeams(roles) ? policy.scope : 'all' },
    ...{ escalate_hours: policy.escalateHours ?? null, request_hours: policy.requestHours },
    ...{ uses: policy.uses, bulk: policy.bulk },
  };
}
