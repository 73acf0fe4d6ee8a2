// Whose exposure is asked for: looked up, and its period cut to the time in which it could open anything.
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Period, TargetKind } from '../../model/exposure.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** What is asked: `until` null is now. Times are RFC 3339 UTC with milliseconds. */
export type ExposureQuery = {
  readonly tenant: string;
  readonly kind: TargetKind;
  readonly id: string;
  readonly since: string;
  readonly until: string | null;
};

/** `principal`: whom the events name, where it is a principal or its key. */
export type ExposureTarget = { readonly period: Period; readonly principal: string };

const NODE = /^[a-z0-9-]{1,32}$/;
/** Begins with the kind of key, as the ids of all key services do: a name or number of a person is none. */
const KEY = /^[a-z][a-z0-9-]*[:/][A-Za-z0-9:/_.~%;=-]{1,500}$/;

/** Looks it up. Throws `not_found` for what the tenant does not have, `malformed` for what cannot be one. */
export async function findExposureTarget(
  vault: Pick<Vault, 'db'>,
  asked: ExposureQuery,
  request: RequestContext,
): Promise<ExposureTarget> {
  const { tenant, kind, id, since } = asked;
  const { there, principal, key, now } = await vault.db.read(
    async (rows) => ({
      there: await rows.tenants.find(tenant),
      principal: kind === 'person' && isId(id, 'usr', 'svc') ? await rows.principals.find(tenant, id) : null,
      key: kind === 'api-key' && isId(id, 'key') ? await rows.principals.apiKey(id) : null,
      now: await rows.now(),
    }),
    request,
  );
  if (there === null) throw new VaultError('not_found', 'there is no such tenant');
  if (since > now) throw new VaultError('malformed', 'the period begins in the future');
  const until = earliest(now, asked.until ?? now);
  if (until < since) throw new VaultError('malformed', 'the period ends before it begins');
  const period = { since, until };
  switch (kind) {
    case 'person':
      if (principal === null) throw new VaultError('not_found', 'the tenant has no such person or service');
      return { period, principal: id };
    case 'api-key': {
      if (key === null || key.tenant !== tenant) throw new VaultError('not_found', 'the tenant has no such API key');
      const alive = { since: latest(since, key.created), until: earliest(until, key.expires) };
      return { period: alive, principal: key.principal };
    }
    case 'key':
      if (!KEY.test(id)) throw new VaultError('malformed', 'not the id of a key encryption key');
      return { period, principal: '' };
    case 'node':
      if (!NODE.test(id)) throw new VaultError('malformed', 'not the name of a node');
      return { period, principal: '' };
  }
}

function latest(one: string, other: string): string {
  return one > other ? one : other;
}

function earliest(one: string, other: string): string {
  return one < other ? one : other;
}
