// Calls for a drill: people of a tenant, short recordings, and sessions that play them.
import type { Caller } from '../../src/model/principal.ts';
import { approve } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { wavHeader } from '../support/wav.ts';

const by = operatorActor('drill');

/** A tenant with a listener and an approver. */
export type DrillTenant = { readonly tenant: string; readonly reviewer: Caller; readonly supervisor: Caller };

/** Creates a tenant with its people. */
export async function makeDrillTenant(vault: Vault, request: RequestContext): Promise<DrillTenant> {
  const people = { admin: 'Ann', approvers: ['Sue'], approverAgeHours: 0, apiKeyDecisions: true };
  const what = { name: 'Drill', country: 'GB', defaultBasis: 'consent', consent: 'any', ...people } as const;
  const { tenant, approvers } = await createTenant(vault, by, what, request);
  const person = { tenant, kind: 'person', name: 'Rita', roles: ['reviewer'], owners: [] } as const;
  const reviewer = callerOf(tenant, await addPrincipal(vault, by, person, request), 'reviewer');
  return { tenant, reviewer, supervisor: callerOf(tenant, approvers[0] ?? '', 'supervisor') };
}

function callerOf(tenant: string, principal: string, role: 'reviewer' | 'supervisor'): Caller {
  const scopes = ['request', 'listen', 'decide'] as const;
  return { tenant, principal, kind: 'person', roles: [role], scopes, auth: 'api-key', humans: [principal] };
}

/** Half a second of µ-law silence, different for each call. */
function wavOf(n: number): Buffer {
  const wav = Buffer.concat([wavHeader({ coding: 'mulaw', channels: 1, size: 4000 }), Buffer.alloc(4000, 0xff)]);
  wav.writeUInt32LE(n, 44);
  return wav;
}

/** Deposits call number `n` and returns its recording. */
export async function depositCall(vault: Vault, tenant: string, n: number, request: RequestContext): Promise<string> {
  const uploader: Caller = {
    ...{ tenant, principal: 'svc_00000000000000000000000000', kind: 'service', auth: 'api-key' },
    ...{ roles: ['uploader'], scopes: ['ingest'], humans: [] },
  };
  const wav = wavOf(n);
  const pieces = async function* () {
    yield wav;
  };
  const body = { bytes: pieces(), length: wav.length, sha256: null, whole: () => true };
  const aim = { metadata: { source: 'drill', callId: `call-${n}`, leg: '0' } };
  const made = await deposit(vault, uploader, { target: aim, name: 'audio', type: 'audio/wav', body }, request);
  return made.recording;
}

/** Requests a recording, has it approved, and opens a session on it. Returns the session's id. */
export async function openApprovedSession(
  vault: Vault,
  listeners: DrillTenant,
  recording: string,
  request: RequestContext,
): Promise<string> {
  const wish = { recording, purpose: 'quality', reason: 'drill', objects: ['audio'], minutes: 30 };
  const { request: asked } = await requestAccess(vault, listeners.reviewer, wish, request);
  const { grant } = await approve(vault, listeners.supervisor, asked.id, {}, request);
  return (await openSession(vault, listeners.reviewer, grant?.id ?? '', request)).session.id;
}
