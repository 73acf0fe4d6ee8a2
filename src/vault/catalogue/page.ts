// A page of recordings as they are shown: what listing and searching have in common.
import type { RecordingCursor } from '../../model/recording.ts';
import type { RecordingFilter } from '../../ports/rows/recording-rows.ts';
import type { Request } from '../request.ts';
import type { keyedTenant } from '../tenants/active-tenant.ts';
import type { Vault } from '../vault.ts';
import { type RecordingView, viewsOfRows } from './view.ts';

/** What a list is narrowed by in clear. */
export type Span = { readonly from?: string; readonly to?: string };

/** At most `limit` recordings that a filter lets through, newest call first, from after a cursor on. */
export async function page(
  vault: Pick<Vault, 'db'>,
  { tenant, metadataKey }: Awaited<ReturnType<typeof keyedTenant>>,
  filter: RecordingFilter,
  after: RecordingCursor | null,
  limit: number,
  request: Request,
): Promise<RecordingView[]> {
  return vault.db.read(
    async (rows) => viewsOfRows(rows, metadataKey, await rows.recordings.page(tenant.tenant, filter, after, limit)),
    request,
  );
}
