// The reply that is a certificate of erasure.
import type { IssuedCertificate } from '../vault/certificates/issue.ts';
import { auditHeader } from './replies.ts';

/** The signed note as text. */
export function certificateReply({ note, receipt }: IssuedCertificate): Response {
  return new Response(note, {
    headers: {
      ...{ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
      // One browser may hold sign-ins of two tenants, and the path names none.
      vary: 'Authorization, Cookie',
      ...auditHeader(receipt),
    },
  });
}
