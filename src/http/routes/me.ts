// The route of the caller: identity, permissions, expiry.
import { stepUpUntil } from '../../model/sign-in.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { type Me, readMe } from '../../vault/sign-in/me.ts';
import { type Env, requestOf } from '../context.ts';
import { createRouter, serve } from '../endpoint.ts';
import { json } from '../replies.ts';
import { jsonReply } from '../schemas/shapes.ts';
import { meSchema } from '../schemas/sign-in.ts';

export function meRoutes(vault: Vault) {
  const app = createRouter('sign-in');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/me',
      operationId: 'getMe',
      withoutKey: true,
      summary: 'Get the caller: identity and permissions',
      action: 'self.read',
      audit: 'none',
      responses: { 200: jsonReply('The caller', meSchema) },
    },
    async (c) => json(meToJson(c.get('caller'), await readMe(vault, c.get('caller'), requestOf(c)))),
  );
  return app;
}

/** JSON view of the caller. */
export function meToJson(by: Env['Variables']['caller'], me: Me) {
  const { name, tenant, signIn, passkeys, actions, now } = me;
  return {
    principal: { id: by.principal, kind: by.kind, name, roles: by.roles },
    tenant: {
      id: tenant.id,
      name: tenant.name,
      time_zone: tenant.timeZone,
      log: tenant.log,
      held: tenant.held,
      searchable: tenant.searchable,
    },
    sign_in:
      signIn === null
        ? null
        : {
            id: signIn.id,
            method: signIn.method,
            created: signIn.created,
            idle_ends: signIn.idleEnds,
            ends: signIn.ends,
          },
    auth_time: by.signIn?.authTime ?? null,
    step_up_until: by.signIn === undefined ? null : stepUpUntil(by.signIn.authTime),
    link_decides_until: me.linkDecidesUntil,
    passkeys: passkeys.map(({ id, label, created, lastUsed }) => ({ id, label, created, last_used: lastUsed })),
    actions,
    now,
  };
}
