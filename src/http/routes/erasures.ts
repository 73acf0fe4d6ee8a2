// Routes of erasures: their certificates.
import { z } from '@hono/zod-openapi';
import { issueCertificateOf } from '../../vault/certificates/issue.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { requestOf } from '../context.ts';
import { createRouter, serve } from '../endpoint.ts';
import { auditHeader } from '../replies.ts';

const params = z.object({
  event: z.string().openapi({
    description: 'The `recording.erasing` that began it: its index in the tenant’s log, or its `evt_` id',
    example: '1207',
  }),
});

export function erasureRoutes(vault: Vault) {
  const app = createRouter();
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/erasures/{event}/certificate',
      operationId: 'getErasureCertificate',
      summary: 'Issue the signed certificate of an erasure: all recordings that one event began to erase',
      action: 'certificate.issue',
      audit: ['certificate.issued', 'log.read'],
      refuses: ['not_found', 'conflict', 'not_available', 'integrity'],
      request: { params },
      responses: {
        200: {
          description:
            'A C2SP signed note under the name of the tenant’s log; `callvault certificates check` verifies it',
          content: { 'text/plain': { schema: z.string() } },
        },
      },
    },
    async (c) => {
      const { note, receipt } = await issueCertificateOf(
        vault,
        c.get('caller'),
        c.req.param('event') ?? '',
        requestOf(c),
      );
      return new Response(note, {
        headers: {
          ...{ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
          // One browser may hold sign-ins of two tenants, and the path names none.
          vary: 'Authorization, Cookie',
          ...auditHeader(receipt),
        },
      });
    },
  );
  return app;
}
