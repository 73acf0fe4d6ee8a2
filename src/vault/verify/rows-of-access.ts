// The rows of a tenant that give access or keep recordings, and of its ingest keys, as facts that its log says too.

import { toBase64 } from '../../bytes/base64.ts';
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import { sha256 } from '../../bytes/digest.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { AccessRequest } from '../../model/access.ts';
import { eventList } from '../../model/audit-event.ts';
import { decisionId, LOGGED_KINDS, type LoggedKind, noticeId, type RowFacts } from '../../model/log/rows-by-log.ts';
import { approverSince } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { partsDigest, teamParts, teamStateOf } from '../changes/team-state.ts';
import { allPages } from '../core/all-pages.ts';
import { rulesDigest } from '../core/retention/rules-in-force.ts';

/** Rows by kind and id. */
export type AccessRows = ReadonlyMap<LoggedKind, ReadonlyMap<string, RowFacts>>;

const PAGE = 200;

type Facts = readonly (readonly [id: string, facts: RowFacts])[];

/**
 * All rows of a tenant that give access or say who may, and its ingest keys: of what ends only what is live. Without the
 * tenant's key, nothing is said of what a team is called.
 */
export async function rowsOfAccess(rows: Rows, metadataKey: SecretKey | null, tenant: string): Promise<AccessRows> {
  const row = await rows.tenants.find(tenant);
  if (row === null) throw new VaultError('not_found', 'there is no such tenant');
  const { principals, signIns, access, sessions, tenants } = rows;
  const requests = await allPages((before, limit) => access.requests(tenant, { state: 'REQUESTED' }, before, limit));
  const by: Readonly<Record<LoggedKind, Facts>> = {
    tenant: [[tenant, { state: row.state }]],
    principal: (await principals.all(tenant)).map((one) => [
      one.id,
      {
        ...{ state: one.state, roles: one.roles.join(','), trained_until: one.trainedUntil ?? '' },
        since: approverSince(one) ?? '',
      },
    ]),
    api_key: (await principals.apiKeys(tenant, null)).map(({ id, state, principal, scopes, expires }) => [
      id,
      { state, principal, scopes: scopes.join(','), expires },
    ]),
    sign_in: (await signIns.liveIn(tenant)).map(({ id, principal, ends }) => [id, { principal, ends }]),
    sign_in_link: (await signIns.openLinks(tenant, null)).map(({ id, principal, expires }) => [
      id,
      { principal, expires },
    ]),
    passkey: (await signIns.passkeys(tenant, null)).map(({ id, principal }) => [id, { principal }]),
    policy: (await allPages((before, limit) => tenants.policies(tenant, before, limit))).map(({ id, body }) => [
      id,
      { sha256: sha256(Buffer.from(body)).toString('hex') },
    ]),
    access_request: requests.map(({ id, requester: person, recording, purpose, objects, minutes }) => [
      id,
      { person, recording, purpose, objects: objects.join(','), minutes: String(minutes) },
    ]),
    decision: await decisionFacts(rows, tenant, requests),
    // Every time is after the empty text: also of grants that have run out and are not marked so yet.
    access_grant: (await allPages((before, limit) => access.grants(tenant, { liveAt: '' }, before, limit))).map(
      ({ id, request, batch, recording, person, purpose, objects, expires, usesLeft }) => [
        id,
        {
          ...{ source: request ?? batch ?? '', recording, person, purpose, objects: objects.join(','), expires },
          uses: String(usesLeft),
        },
      ],
    ),
    session: (await sessions.liveIn(tenant)).map(({ id, grant, recording, principal: person, ends }) => [
      id,
      { grant, recording, person, ends },
    ]),
    batch: (await allPages((before, limit) => rows.batches.page(tenant, { state: 'OPEN' }, before, limit))).map(
      ({ id, maker }) => [id, { person: maker }],
    ),
    change: await changeFacts(rows, tenant),
    team: await teamFacts(rows, metadataKey, tenant),
    retention: await retentionFacts(rows, metadataKey, tenant, row.retention),
    notice: (await rows.consent.notices(tenant)).map(({ id, version, language }) => [
      noticeId(id, version, language),
      {},
    ]),
    withdrawal: (await allPages((before, limit) => rows.consent.withdrawals(tenant, before, limit))).map(
      ({ id, at, purposes }) => [id, { at, purposes: eventList(purposes) }],
    ),
    hold: (await allPages((before, limit) => rows.legalHolds.page(tenant, null, before, limit))).map(
      ({ id, state }) => [id, { lifted: state === 'LIFTED' ? 'yes' : 'no' }],
    ),
    ingest_key: (await rows.ingestKeys.all(tenant)).map(({ id, state, public: key }) => [
      id,
      { state, public: toBase64(key) },
    ]),
  };
  return new Map(LOGGED_KINDS.map((kind) => [kind, new Map(by[kind])]));
}

/** The decisions on requests that wait for more of them. */
async function decisionFacts({ access }: Rows, tenant: string, requests: readonly AccessRequest[]): Promise<Facts> {
  const facts: [string, RowFacts][] = [];
  for (let at = 0; at < requests.length; at += PAGE) {
    const byId = new Map(requests.slice(at, at + PAGE).map((request) => [request.id, request]));
    for (const { request, approver, decision, minutes, objects } of await access.decisionsOf(tenant, [
      ...byId.keys(),
    ])) {
      const asked = byId.get(request);
      const limits = {
        minutes: String(minutes ?? asked?.minutes),
        objects: (objects ?? asked?.objects ?? []).join(','),
      };
      facts.push([decisionId(request, approver), { decision, ...limits }]);
    }
  }
  return facts;
}

async function changeFacts({ changes }: Rows, tenant: string): Promise<Facts> {
  const open = await allPages((before, limit) => changes.page(tenant, 'OPEN', before, limit));
  const approved = await allPages((before, limit) => changes.page(tenant, 'APPROVED', before, limit));
  return [...open, ...approved].map(({ id, state, kind, proposer: person, expires }) => [
    id,
    { state, kind, person, expires },
  ]);
}

async function teamFacts(rows: Rows, metadataKey: SecretKey | null, tenant: string): Promise<Facts> {
  const facts: [string, RowFacts][] = [];
  for (const team of await rows.teams.all(tenant)) {
    const parts = await teamParts(rows, tenant, team.id);
    const counts = {
      members: String(parts.members.length),
      queues: String(parts.queues.length),
      parts: partsDigest(parts),
    };
    facts.push([
      team.id,
      {
        ...counts,
        ...(metadataKey === null
          ? {}
          : { sha256: digestIfAuthentic(() => canonicalDigest(teamStateOf(metadataKey, team, parts))) }),
      },
    ]);
  }
  return facts;
}

/** `inForce`: the version that the tenant's row names. */
async function retentionFacts(
  { retention }: Rows,
  metadataKey: SecretKey | null,
  tenant: string,
  inForce: string | null,
): Promise<Facts> {
  const versions = await allPages((before, limit) => retention.versions(tenant, before, limit));
  return versions.map((row) => [
    row.id,
    {
      in_force: row.id === inForce ? 'yes' : 'no',
      ...(metadataKey === null ? {} : { sha256: digestIfAuthentic(() => rulesDigest(metadataKey, row)) }),
    },
  ]);
}

/** A row that is not authentic has another digest than any event. */
function digestIfAuthentic(digest: () => string): string {
  try {
    return digest();
  } catch (error) {
    if (error instanceof VaultError && error.code === 'integrity') return 'not authentic';
    throw error;
  }
}
