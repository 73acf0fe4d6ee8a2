// What a restore revoked again, as it collects it.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { BegunErasure } from '../../model/erasure.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Ending } from '../people/end-access.ts';

/** What was revoked again: its events, ids of sessions that ended, erasures that began, and how many of each kind. */
export type RevokedAgain = {
  readonly events: NewEvent[];
  readonly sessions: string[];
  readonly erasures: BegunErasure[];
  readonly counts: Record<RevokedKind, number>;
};

type RevokedKind =
  | ('people' | 'roles' | 'api_keys' | 'passkeys' | 'sign_ins' | 'links' | 'requests' | 'grants' | 'sessions')
  | ('batches' | 'changes' | 'members' | 'ingest_keys' | 'recordings' | 'tenant');

/** Who revokes, and the tenant's metadata key; null for the deployment, and where it is unavailable. */
export type Revoking = {
  readonly metadataKey: SecretKey | null;
  readonly how: Ending & { readonly request: RequestContext };
};

/** Nothing. */
export function nothingRevoked(): RevokedAgain {
  const none = { people: 0, roles: 0, api_keys: 0, passkeys: 0, sign_ins: 0, links: 0, requests: 0 };
  const more = { grants: 0, sessions: 0, batches: 0, changes: 0, members: 0, ingest_keys: 0, recordings: 0, tenant: 0 };
  const counts = { ...none, ...more };
  return { events: [], sessions: [], erasures: [], counts };
}
