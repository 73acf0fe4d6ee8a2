// Grants: read and revoked.
import { z } from '@hono/zod-openapi';
import type { Grant } from '../../model/access.ts';
import { listOf } from '../../model/principal.ts';
import { readGrant } from '../../vault/access/read-requests.ts';
import { revokeGrant } from '../../vault/access/revoke.ts';
import type { Vault } from '../../vault/vault.ts';
import { requestOf } from '../context.ts';
import { idIn, router, serve } from '../endpoint.ts';
import { serveOnce } from '../once.ts';
import { json } from '../replies.ts';
import { endedSchema, grantSchema, replying } from '../schemas.ts';

const params = z.object({ id: z.string() });

export function grantRoutes(vault: Vault) {
  const app = router();
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/grants/{id}',
      summary: 'A grant: state, expiry, uses left',
      action: 'access.read',
      audit: ['access.read'],
      request: { params },
      responses: { 200: replying('As it is now', grantSchema) },
    },
    async (c) => json(grantShown(await readGrant(vault, c.get('caller'), idIn(c, 'grt'), requestOf(c)))),
  );
  serveOnce(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/grants/{id}/revoke',
      summary: 'Revoke a grant: its sessions end',
      action: 'grant.revoke',
      audit: ['grant.revoked', 'session.ended'],
      request: { params },
      refuses: ['access_refused', 'conflict'],
      responses: { 200: replying('Revoked', endedSchema) },
    },
    (c) => {
      const id = idIn(c, 'grt');
      return {
        harmless: true,
        first: (request) => revokeGrant(vault, c.get('caller'), id, request),
        again: async ({ receipt }) => receipt,
        reply: (receipt) => json({ id, state: 'revoked' }, 200, receipt),
      };
    },
  );
  return app;
}

/** A grant as it is told. */
export function grantShown(grant: Grant) {
  return {
    id: grant.id,
    request: grant.request,
    recording: grant.recording,
    person: grant.person,
    purpose: grant.purpose,
    objects: listOf(grant.objects),
    state: grant.state.toLowerCase(),
    approved: grant.approved,
    expires: grant.expires,
    uses_left: grant.usesLeft,
  };
}
