// What people, platforms and background work do in a drill of expiry, by the product's own ways.
import type { Caller } from '../../../src/model/principal.ts';
import type { RetentionRules } from '../../../src/model/retention/rules.ts';
import { correctRecording } from '../../../src/vault/catalogue/correct-recording.ts';
import { continueWithdrawals } from '../../../src/vault/consent/continue-withdrawals.ts';
import { restrictRecording } from '../../../src/vault/consent/restrict.ts';
import { withdrawConsent } from '../../../src/vault/consent/withdraw.ts';
import { amendCall } from '../../../src/vault/deposit/amend-call.ts';
import { continueErasures } from '../../../src/vault/erasure/continue-erasures.ts';
import { holdContinuer } from '../../../src/vault/holds/continue-holds.ts';
import { placeHold, type WantedHold } from '../../../src/vault/holds/place.ts';
import { rulesApplier } from '../../../src/vault/retention/apply-to-recordings.ts';
import { withPasskey } from '../../support/changes.ts';
import type { TwinPatch } from '../../support/retention-twin.ts';
import type { KeyHolder, World } from '../../support/world.ts';

const REVIEW = '2036-01-01T00:00:00.000Z';
const REASON = 'the drill';
const KEY_DAYS = 90;

export type Acts = Awaited<ReturnType<typeof vaultActs>>;

/** The acts of one tenant's people, its platform, and background work. */
export async function vaultActs(world: World, tenant: string) {
  const { vault } = world;
  const request = () => ({ signal: AbortSignal.timeout(3_600_000) });
  const { privacy, uploader } = world.harbour;
  const keyOf = async ({ id }: KeyHolder): Promise<string> => (await world.keyOf(tenant, id, null, KEY_DAYS)).id;
  const officer: Caller = {
    ...{ tenant, principal: privacy.id, kind: 'person', roles: ['privacy'], scopes: ['correct'] },
    ...{ auth: 'api-key', apiKey: await keyOf(privacy), humans: [privacy.id] },
  };
  const platform: Caller = {
    ...{ tenant, principal: uploader.id, kind: 'service', roles: ['uploader'], scopes: ['ingest'] },
    ...{ auth: 'api-key', apiKey: await keyOf(uploader), humans: [] },
  };
  const [apply, holds] = [rulesApplier(vault), holdContinuer(vault)];

  /** Proposed and approved by two people with passkeys, who are new: sign-ins end meanwhile. */
  const change = async (wanted: object): Promise<void> => {
    const [one, other] = [await world.person(tenant, ['privacy']), await world.person(tenant, ['admin'])];
    const [proposer, approver] = [await withPasskey(world, tenant, one.id), await withPasskey(world, tenant, other.id)];
    const proposed = await proposer.browser.call('POST', '/v1/changes', { json: { note: REASON, ...wanted } });
    if (proposed.status !== 201) throw new Error(`a change: ${proposed.status} ${await proposed.text()}`);
    const { id } = (await proposed.json()) as { readonly id: string };
    const approved = await approver.browser.call('POST', `/v1/changes/${id}/approve`);
    const { state } = (await approved.json()) as { readonly state?: string };
    if (state !== 'applied') throw new Error(`a change that is ${approved.status} ${state}`);
  };
  const place = async (wanted: Partial<WantedHold>): Promise<string> => {
    const said = { reference: 'HB-1', title: 'Fenwick v Harbour', review: REVIEW };
    const none = { recordings: null, query: null, continuing: false };
    return (await placeHold(vault, officer, { ...said, ...none, ...wanted } as WantedHold, request())).view.hold.id;
  };
  const inForce = () => vault.db.read(async (rows) => (await rows.tenants.find(tenant))?.retention ?? null, request());

  return {
    request,
    changeRules: async (rules: RetentionRules) => change({ kind: 'retention', base: await inForce(), rules }),
    resume: () => change({ kind: 'resume' }),
    lift: (hold: string) => change({ kind: 'lift', hold }),
    unrestrict: (restrictions: readonly string[]) => change({ kind: 'lift', restrictions }),
    /** As the platform amends a call. Throws where the patch does not count whole. */
    amend: async (callId: string, patch: TwinPatch): Promise<void> => {
      const call = { source: 'pbx', callId, leg: '0' };
      const { kept } = await amendCall(vault, platform, call, { patch } as Parameters<typeof amendCall>[3], request());
      if (kept.length > 0) throw new Error(`an amendment that does not count: ${JSON.stringify([patch, kept])}`);
    },
    /** As a privacy officer corrects it. */
    correct: async (id: string, patch: TwinPatch): Promise<void> => {
      const row = await vault.db.read(({ recordings }) => recordings.find(tenant, id), request());
      const correction = { patch, reason: REASON, versions: [row?.version ?? 0] };
      const done = await correctRecording(
        vault,
        officer,
        id,
        correction as Parameters<typeof correctRecording>[3],
        request(),
      );
      if (done.receipt === undefined) throw new Error(`a correction that does not count: ${JSON.stringify(patch)}`);
    },
    restrict: (id: string) => restrictRecording(vault, officer, id, { ground: 'claims', reason: REASON }, request()),
    withdraw: (number: string, purposes: readonly string[]) =>
      withdrawConsent(vault, officer, { number, purposes, reason: REASON }, request()),
    holdList: (recordings: readonly string[]) => place({ recordings }),
    holdQueue: (queue: string, continuing: boolean) => place({ query: { queue }, continuing }),
    /** Background work without expiry, until nothing is left. */
    settle: async (): Promise<void> => {
      while ((await apply(request())) > 0);
      while ((await holds(request())) > 0);
      while ((await continueWithdrawals(vault, request())) > 0);
    },
    /** The passes of erasures that are due. */
    endErasures: async (): Promise<void> => {
      while ((await continueErasures(vault, request())) > 0);
    },
    isPlacing: (hold: string) =>
      vault.db.read(async ({ legalHolds }) => (await legalHolds.find(tenant, hold))?.state === 'PLACING', request()),
    expiry: () => vault.db.read(({ retention }) => retention.expiry(tenant), request()),
  };
}
