// The target of an exposure query, and the period in which it could open anything.
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Period, TargetKind } from '../../model/exposure.ts';
import { type Correction, correctedTime } from '../../model/log/corrected-time.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import { correctionsOf } from '../core/log-reading/corrections.ts';
import { lowerBound } from '../core/log-reading/lower-bound.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** The query. `until` null means now. Times are RFC 3339 UTC with milliseconds. */
export type ExposureQuery = {
  readonly tenant: string;
  readonly kind: TargetKind;
  readonly id: string;
  readonly since: string;
  readonly until: string | null;
};

/** `principal`: the actor of the events, for a principal or its API key. */
export type ExposureTarget = { readonly period: Period; readonly principal: string };

const NODE = /^[a-z0-9-]{1,32}$/;
/** Begins with the kind of key, as the ids of all key services do: a name or number of a person is none. */
const KEY = /^[a-z][a-z0-9-]*[:/][A-Za-z0-9:/_.~%;=-]{1,500}$/;

/**
 * Looks up the target. A period that meets a time in which the log's clock was wrong has all of that time, since the order
 * of its events is known and their times are not. Throws `not_found` for a target that the tenant does not have, `malformed` for an invalid id or
 * period.
 */
export async function findExposureTarget(
  vault: Pick<Vault, 'db'>,
  query: ExposureQuery,
  request: RequestContext,
): Promise<ExposureTarget> {
  const { tenant, kind, id, since } = query;
  const { tenantRow, principal, key, now } = await vault.db.read(
    async (rows) => ({
      tenantRow: await rows.tenants.find(tenant),
      principal: kind === 'person' && isId(id, 'usr', 'svc') ? await rows.principals.find(tenant, id) : null,
      key: kind === 'api-key' && isId(id, 'key') ? await rows.principals.apiKey(id) : null,
      now: await rows.now(),
    }),
    request,
  );
  if (tenantRow === null) throw new VaultError('not_found', 'there is no such tenant');
  if (since > now) throw new VaultError('malformed', 'the period begins in the future');
  const until = earliest(now, query.until ?? now);
  if (until < since) throw new VaultError('malformed', 'the period ends before it begins');
  const wrong = await wrongTimes(vault, tenant, request);
  const met = wrong.filter((one) => one.since <= until && one.ts >= since);
  const period = {
    since: met.map((one) => one.since).reduce(earliest, since),
    until: met.map(({ ts }) => ts).reduce(latest, until),
  };
  switch (kind) {
    case 'person':
      if (principal === null) throw new VaultError('not_found', 'the tenant has no such person or service');
      return { period, principal: id };
    case 'api-key': {
      if (key === null || key.tenant !== tenant) throw new VaultError('not_found', 'the tenant has no such API key');
      // A key made by a wrong clock is older than it says.
      const created = correctedTime(key.created, -1, wrong);
      const alive = { since: latest(period.since, created), until: earliest(period.until, key.expires) };
      return { period: alive, principal: key.principal };
    }
    case 'key':
      if (!KEY.test(id)) throw new VaultError('malformed', 'this is not the id of a key encryption key');
      return { period, principal: '' };
    case 'node':
      if (!NODE.test(id)) throw new VaultError('malformed', 'this is not the name of a node');
      return { period, principal: '' };
  }
}

/** A time in which a log's clock was wrong: from its last event before, until it was put right. */
type WrongTime = Correction & { readonly since: string };

/** The times in which the clock of this log was wrong, in order. Throws the database's errors. */
async function wrongTimes(vault: Pick<Vault, 'db'>, log: string, request: RequestContext): Promise<WrongTime[]> {
  const corrections = await vault.db.read((rows) => correctionsOf(rows.log, log), request);
  const leafAt = async (index: number): Promise<Leaf | null> => {
    const [event] = await vault.db.read((rows) => rows.log.events(log, index, 1), request);
    return event?.seq === index ? readLeaf(event.leaf) : null;
  };
  const times: WrongTime[] = [];
  for (const [n, { seq, ts }] of corrections.entries()) {
    const from = corrections[n - 1]?.seq ?? 0;
    const first = await lowerBound(async (index) => ((await leafAt(index))?.ts ?? '') <= ts, from, seq);
    times.push({ seq, ts, since: (await leafAt(Math.max(from, first - 1)))?.ts ?? ts });
  }
  return times;
}

function latest(one: string, other: string): string {
  return one > other ? one : other;
}

function earliest(one: string, other: string): string {
  return one < other ? one : other;
}
