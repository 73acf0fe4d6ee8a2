// How long one recording stays and why: under the rules in force, and under those that are proposed.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Facts } from '../../model/facts.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import type { RulesInForce } from '../../model/retention/lifetime.ts';
import { type RecordingLifetime, recordingLifetime } from '../../model/retention/recording-lifetime.ts';
import type { Rows } from '../../ports/database.ts';
import { bodyOf } from '../changes/sealed-texts.ts';
import { requireAuthenticChange } from '../core/authority/logged-change.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { openRawFacts } from '../core/facts/raw-facts.ts';
import type { RequestContext } from '../core/request-context.ts';
import { rulesInForce } from '../core/retention/rules-in-force.ts';
import { requireVisible } from '../core/scope/read-scope.ts';
import { activeTenantAndKey, metadataKeyOf, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** What a version of the rules says; `version` null: the tenant has none. */
export type LifetimeUnder = { readonly version: string | null; readonly lifetime: RecordingLifetime };

export type ReadLifetime = {
  readonly recording: Pick<Recording, 'id' | 'ruled' | 'restricted' | 'holds' | 'retainUntil'>;
  /** When the subject asked for it to be erased, and by which request; null where they did not. */
  readonly asked: { readonly at: string; readonly request: string } | null;
  readonly inForce: LifetimeUnder;
  /** What an open change would make of it, were it approved now; null where none is open, or the caller reads no changes. */
  readonly proposed: (LifetimeUnder & { readonly change: string }) | null;
};

/**
 * Until when a recording is kept and when it expires, with what says so. `change` names the open change to compare with;
 * without it the newest one is taken. Looks are counted. Throws `not_found`, the same for another tenant's, a hidden and a
 * missing recording and one out of scope, and for a change that is not open or not one of rules; `erased`, `integrity`.
 */
export async function readLifetime(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  id: string,
  change: string | null,
  request: RequestContext,
): Promise<ReadLifetime> {
  const { tenant } = by;
  const metadataKey = await metadataKeyOf(vault, tenant, request);
  const read = await vault.db.read(async (rows): Promise<ReadLifetime> => {
    const row = requireActive(await rows.tenants.find(tenant));
    const recording = await requireVisible(rows, metadataKey, by, await rows.recordings.find(tenant, id));
    const { lifetimeOf, asked } = lifetimesOf(metadataKey, recording);
    const version = await rulesInForce(rows, metadataKey, row);
    const proposed = await openRules(rows, metadataKey, by, change);
    const now = await rows.now();
    return {
      ...{ recording, asked },
      inForce: lifetimeOf(version, version?.since ?? now),
      proposed:
        proposed === null ? null : { change: proposed.change, ...lifetimeOf({ ...proposed.version, since: now }, now) },
    };
  }, request);
  const object = { id, why: 'lifetime' } as const;
  await countEvent(vault, { tenant, actor: actorOf(by), action: 'activity.read', object }, request);
  return read;
}

/** How long a recording stays and why, under the rules in force, for an operator. Throws `not_found`, `erased`, `integrity`. */
export async function readLifetimeByCommand(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  id: string,
  request: RequestContext,
): Promise<Omit<ReadLifetime, 'proposed'>> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  return vault.db.read(async (rows) => {
    const recording = await rows.recordings.find(tenant, id);
    if (recording === null) throw new VaultError('not_found', 'there is no such recording');
    const version = await rulesInForce(rows, metadataKey, requireActive(await rows.tenants.find(tenant)));
    const { lifetimeOf, asked } = lifetimesOf(metadataKey, recording);
    return { recording, asked, inForce: lifetimeOf(version, version?.since ?? (await rows.now())) };
  }, request);
}

/** What versions of the rules say of a recording, and whether its erasure was asked for. Throws `erased`, `integrity`. */
function lifetimesOf(
  metadataKey: SecretKey,
  recording: Recording,
): Pick<ReadLifetime, 'asked'> & {
  readonly lifetimeOf: (version: RulesInForce | null, since: string) => LifetimeUnder;
} {
  if (isErased(recording) || recording.facts === null) throw new VaultError('erased', 'this recording was erased');
  const facts = openRawFacts(metadataKey, recording, recording.facts) as unknown as Facts;
  return {
    asked: facts.asked ?? null,
    lifetimeOf: (version, since) => ({
      version: version?.id ?? null,
      lifetime: recordingLifetime(version, facts, recording, since),
    }),
  };
}

/** Only so many changes of a tenant are open at once. */
const MOST_OPEN = 200;

type OpenRules = { readonly change: string; readonly version: Omit<RulesInForce, 'since'> };

/** The rules of an open change: the one that is named, or the newest. Null where there is none to show. */
async function openRules(
  rows: Rows,
  metadataKey: SecretKey,
  by: Caller,
  wanted: string | null,
): Promise<OpenRules | null> {
  const open = may(by, 'change.read') ? await rows.changes.page(by.tenant, 'OPEN', null, MOST_OPEN) : [];
  const found = open.find(({ id, kind }) => kind === 'retention' && (wanted === null || id === wanted));
  if (found === undefined && wanted !== null)
    throw new VaultError('not_found', 'there is no such open change of the retention rules');
  if (found === undefined) return null;
  await requireAuthenticChange(rows, metadataKey, found);
  const body = bodyOf(metadataKey, found);
  if (body.kind !== 'retention') return null;
  return { change: found.id, version: { id: body.retention, rules: body.set } };
}
