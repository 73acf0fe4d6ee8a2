// Reading access requests: one's own, and for who decides all of the tenant's, with the words they were made in.
import { parseCanonicalObject } from '../../bytes/canonical-json.ts';
import { openColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { AccessRequest, Decision, Grant } from '../../model/access.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { count } from '../log/counted.ts';
import { actorOf } from '../log/events.ts';
import type { Request } from '../request.ts';
import { activeTenant } from '../tenants/active-tenant.ts';
import type { Vault } from '../vault.ts';

export type RequestView = {
  readonly request: AccessRequest;
  readonly reason: string;
  readonly ticket: string | null;
  readonly decisions: readonly Decision[];
  readonly grant: Grant | null;
};

type Parts = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** One request. Throws `not_found` for what is neither the caller's own nor theirs to decide. */
export async function readRequest(vault: Parts, by: Caller, id: string, request: Request): Promise<RequestView> {
  const metadataKey = await seen(vault, by, request);
  return vault.db.read(async (rows) => {
    const row = await rows.access.request(by.tenant, id);
    if (row === null || !(row.requester === by.principal || may(by, 'access.decide'))) {
      throw new VaultError('not_found', 'there is no such request');
    }
    return view(rows, metadataKey, row);
  }, request);
}

/** The caller's requests, newest first; for who decides, the tenant's. */
export async function listRequests(
  vault: Parts,
  by: Caller,
  before: string | null,
  limit: number,
  request: Request,
): Promise<RequestView[]> {
  const metadataKey = await seen(vault, by, request);
  const whose = may(by, 'access.decide') ? null : by.principal;
  return vault.db.read(async (rows) => {
    const views: RequestView[] = [];
    for (const row of await rows.access.requests(by.tenant, whose, before, limit))
      views.push(await view(rows, metadataKey, row));
    return views;
  }, request);
}

/** A grant: its holder's, or for who decides any of the tenant's. Throws `not_found`. */
export async function readGrant(vault: Parts, by: Caller, id: string, request: Request): Promise<Grant> {
  await seen(vault, by, request);
  const grant = await vault.db.read((rows) => rows.access.grant(by.tenant, id), request);
  if (grant === null || !(grant.person === by.principal || may(by, 'access.decide'))) {
    throw new VaultError('not_found', 'there is no such grant');
  }
  return grant;
}

async function seen(vault: Parts, by: Caller, request: Request): Promise<SecretKey> {
  const tenant = await activeTenant(vault, by.tenant, request);
  const object = { type: 'requests', id: by.tenant };
  await count(vault, { tenant: by.tenant, actor: actorOf(by), action: 'access.read', object, seconds: 300 }, request);
  return vault.metadataKeys.get(tenant, request);
}

async function view(rows: Rows, metadataKey: SecretKey, row: AccessRequest): Promise<RequestView> {
  const place = { tenant: row.tenant, row: row.id, column: 'words' };
  // What was said of a recording goes when that is erased.
  const words: { reason?: string; ticket?: string } =
    row.words.length === 0 ? {} : parseCanonicalObject(openColumn(metadataKey, place, row.words));
  const decisions = await rows.access.decisions(row.tenant, row.id);
  const grant = await rows.access.grantOf(row.tenant, row.id);
  return { request: row, reason: words.reason ?? '', ticket: words.ticket ?? null, decisions, grant };
}
