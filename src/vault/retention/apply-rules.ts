// Putting retention rules in force: the version, what the tenant's row and stream say, and the work that it begins.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { JsonObject } from '../../model/amendments/amendment.ts';
import type { Actor, EventOf } from '../../model/audit-event.ts';
import type { RetentionBody } from '../../model/change/retention.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { writeEntry } from '../core/amendments/write-entry.ts';
import { event } from '../core/events/events.ts';
import type { Marks } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import { insertRules } from '../core/retention/rules-in-force.ts';
import type { Vault } from '../core/vault.ts';
import { lockedExpiry } from './expiry-row.ts';

/** Who puts the rules in force, and what the event says of the second person. */
export type Applying = { readonly by: Actor; readonly marks: Marks; readonly request: Pick<RequestContext, 'req'> };

/**
 * Puts a version in force. The transaction holds the tenant's row exclusively: a deposit or amendment comes before it or
 * after it, and background work brings the other recordings to it. Throws `conflict` where a newer version is in
 * force.
 */
export async function applyRules(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: Tenant,
  { retention: id, set, busiest }: Pick<RetentionBody, 'retention' | 'set' | 'busiest'>,
  { by, marks, request }: Applying,
): Promise<EventOf<'retention.changed'>> {
  const of = tenant.tenant;
  const from = tenant.retention;
  if (from !== null && id <= from)
    throw new VaultError('conflict', 'newer retention rules are in force: propose this change again');
  await insertRules(tx, metadataKey, {
    tenant: of,
    id,
    created: await tx.now(),
    change: marks.change ?? null,
    rules: set,
  });
  if (!(await tx.tenants.change(tenant, { retention: id })))
    throw new VaultError('conflict', 'a concurrent update changed this tenant first');
  await beginApplying(tx, of, id, busiest);
  const said = { id, ...(from === null ? {} : { from }), sha256: canonicalDigest(set), ...marks };
  const made = event(of, by, 'retention.changed', said, request);
  const entry = { op: 'retention', id, body: set as unknown as JsonObject } as const;
  return writeEntry(vault, tx, metadataKey, { tenant: of, subject: of }, made, entry);
}

/** Recordings are brought to the version from the first on: expiry waits until all are. */
export async function beginApplying(tx: Transaction, tenant: string, id: string, most: number): Promise<void> {
  await tx.retention.changeExpiry(await lockedExpiry(tx, tenant), { applying: id, swept: '', most });
}
