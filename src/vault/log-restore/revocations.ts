// What events revoked, ended or removed: read from their leaves, since a restored database has the rows from before.
import { idsOf, type LeafValue, readLeaf } from '../../model/log/leaf.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { storedFrom } from './stored-log.ts';

/** The roles and training that a person has at most. */
export type MostRoles = { readonly roles: readonly string[]; readonly trainedUntil: string | null };

/** Ids by what happened to them. `erased`: by recording, the event that began its erasure. */
export type Revocations = {
  readonly off: Set<string>;
  readonly roles: Map<string, MostRoles>;
  readonly apiKeys: Set<string>;
  readonly passkeys: Set<string>;
  readonly signIns: Set<string>;
  readonly links: Set<string>;
  readonly requests: Set<string>;
  readonly sessions: Set<string>;
  readonly changes: Set<string>;
  readonly ingestKeys: Set<string>;
  readonly members: Map<string, { readonly team: string; readonly person: string }>;
  readonly erased: Map<string, { readonly event: string; readonly at: string }>;
  suspended: boolean;
};

type Members = Readonly<Record<string, LeafValue>> & { readonly id: string };
type At = { readonly id: string; readonly ts: string };

/** What each action revokes; what later events gave again, only a person gives again. */
const REVOKES: Readonly<Record<string, (revoked: Revocations, object: Members, at: At) => void>> = {
  // The deployment's log repeats what tenants' logs have.
  'person.off': ({ off }, { id, tenant }) => void (tenant === undefined && off.add(id)),
  'person.changed': (revoked, object) => lower(revoked, object),
  'api_key.revoked': ({ apiKeys }, { id }) => void apiKeys.add(id),
  'passkey.removed': ({ passkeys }, { id }) => void passkeys.add(id),
  'sign_in.ended': ({ signIns }, { id }) => void signIns.add(id),
  // A link opens one sign-in.
  'sign_in.opened': ({ links }, { link }) => void (link !== undefined && links.add(String(link))),
  'access.approved': ({ requests }, { id }) => void requests.add(id),
  'access.denied': ({ requests }, { id }) => void requests.add(id),
  'access.cancelled': ({ requests }, { id }) => void requests.add(id),
  'access.expired': ({ requests }, { id }) => void requests.add(id),
  'session.ended': ({ sessions }, { id }) => void sessions.add(id),
  'change.approved': ({ changes }, { id }) => void changes.add(id),
  'change.refused': ({ changes }, { id }) => void changes.add(id),
  'change.withdrawn': ({ changes }, { id }) => void changes.add(id),
  'change.expired': ({ changes }, { id }) => void changes.add(id),
  'change.applied': ({ changes }, { id }) => void changes.add(id),
  'ingest_key.retired': ({ ingestKeys }, { id }) => void ingestKeys.add(id),
  'team.changed': ({ members }, { id, removed }) => {
    if (removed !== undefined) members.set(`${id} ${removed}`, { team: id, person: String(removed) });
  },
  'tenant.suspended': (revoked) => {
    revoked.suspended = true;
  },
  'tenant.resumed': (revoked) => {
    revoked.suspended = false;
  },
  'recording.erasing': ({ erased }, object, { id: event, ts: at }) => {
    for (const recording of idsOf(object)) erased.set(recording, { event, at });
  },
  'tombstone.replayed': ({ erased }, { id, event }, { ts: at }) => {
    if (!erased.has(id)) erased.set(id, { event: String(event), at });
  },
};

/** Roles that a person lost once are not given again, even where a later event did. */
function lower({ roles }: Revocations, { id, roles: given, trained_until: until }: Members): void {
  const now = String(given).split(',');
  const before = roles.get(id);
  const trained = until === undefined ? null : String(until);
  roles.set(id, {
    roles: before === undefined ? now : before.roles.filter((role) => now.includes(role)),
    trainedUntil: before === undefined ? trained : earlier(before.trainedUntil, trained),
  });
}

/** The earlier of two last days of training; null is none at all. */
export function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return null;
  return one < other ? one : other;
}

/** What the events of a log from one index to before another revoked. */
export async function revocationsIn(
  vault: Pick<Vault, 'db'>,
  log: string,
  { from, to }: { readonly from: number; readonly to: number },
  request: RequestContext,
): Promise<Revocations> {
  const revoked: Revocations = {
    ...{ off: new Set(), roles: new Map(), apiKeys: new Set(), passkeys: new Set(), signIns: new Set() },
    ...{ links: new Set(), requests: new Set(), sessions: new Set(), changes: new Set(), members: new Map() },
    ...{ ingestKeys: new Set(), erased: new Map(), suspended: false },
  };
  if (from >= to) return revoked;
  for await (const { seq, leaf: bytes } of storedFrom(vault, log, from, request)) {
    if (seq >= to) break;
    const leaf = readLeaf(bytes);
    if (leaf === null || leaf.outcome !== 'ok') continue;
    REVOKES[leaf.action]?.(revoked, leaf.object, { id: leaf.id ?? '', ts: leaf.ts });
  }
  return revoked;
}
