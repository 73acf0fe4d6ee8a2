// Assignments for tests: checked, signed by a passkey, and made.
import type { AnswerDefects } from '../../scripts/demo/authenticator.ts';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { newId } from '../../src/bytes/ids.ts';
import { sealColumn } from '../../src/envelope/column.ts';
import type { Policy } from '../../src/model/policy.ts';
import { withMac } from '../../src/vault/core/authority/authority-rows.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { activeTenantAndKey } from '../../src/vault/core/tenants/active-tenant.ts';
import type { SteppingUp } from './changes.ts';
import { setPolicy } from './teams.ts';
import type { World } from './world.ts';

export type WantedGrant = { readonly recording: string; readonly reviewer: string; readonly instead_of?: string };

/** What a batch is for; the due is a text. */
export type WantedBatch = {
  readonly grants: readonly WantedGrant[];
  readonly purpose?: string;
  readonly objects?: readonly string[];
  readonly due: string;
};

type Maker = Pick<SteppingUp, 'browser' | 'key'>;

type OpenedBatch = {
  readonly challenge_id: string;
  readonly options: object;
  readonly grants: readonly (WantedGrant & { readonly id: string; readonly minutes: number })[];
  readonly purpose: string;
  readonly objects: readonly string[];
  readonly due: string;
  readonly refused: readonly { readonly recording: string; readonly reviewer: string; readonly code: string }[];
};

/** A made batch. */
export type MadeBatch = {
  readonly id: string;
  readonly outcomes: readonly {
    readonly grant: string;
    readonly recording: string;
    readonly reviewer: string;
    readonly outcome: string;
    readonly code: string | null;
  }[];
};

/** Makes a purpose assignable under the tenant's policy. */
export function makeAssignable(
  { vault }: Pick<World, 'vault'>,
  tenant: string,
  more: object = {},
  rule: object = {},
): Promise<void> {
  return setPolicy(vault, tenant, (policy) => assignable(policy, more, rule));
}

/** A policy under which leads assign calls for quality. */
export function assignable(policy: Policy, more: object = {}, rule: object = {}): Policy {
  const { quality } = policy.purposes;
  if (quality === undefined) throw new Error('the policy has the purpose');
  return { ...policy, ...more, purposes: { ...policy.purposes, quality: { ...quality, assignable: true, ...rule } } };
}

/** The reply to the options of a batch. */
export function askForOptions({ browser }: Pick<Maker, 'browser'>, batch: WantedBatch): Promise<Response> {
  return browser.call('POST', '/v1/batches/options', { json: { purpose: 'quality', ...batch } });
}

/** The body of a batch that the maker's passkey has signed. */
export async function signedBatch(maker: Maker, batch: WantedBatch, wrong: AnswerDefects = {}) {
  const reply = await askForOptions(maker, batch);
  if (reply.status !== 200) throw new Error(`opening a batch: ${reply.status} ${await reply.text()}`);
  const { challenge_id, options, grants, purpose, objects, due } = (await reply.json()) as OpenedBatch;
  const proof = { challenge_id, response: maker.key.prove(options, wrong) };
  return { grants, purpose, objects, due, reason: 'new renewal script', proof };
}

/** Assigns, and returns the batch. */
export async function assigned(maker: Maker, batch: WantedBatch): Promise<MadeBatch> {
  const reply = await maker.browser.call('POST', '/v1/batches', { json: await signedBatch(maker, batch) });
  if (reply.status !== 201) throw new Error(`assigning: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as MadeBatch;
}

/** A batch's row without grants, as an assignment writes it; returns its id. */
export async function addBatch(vault: World['vault'], tenant: string, maker: string): Promise<string> {
  const request = { signal: AbortSignal.timeout(60_000) };
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const id = newId('bat');
  const words = sealColumn(metadataKey, { tenant, row: id, column: 'words' }, canonicalBytes({ reason: 'weekly' }));
  await vault.db.change(async (tx) => {
    const created = await tx.now();
    const due = new Date(Date.parse(created) + 86_400_000).toISOString();
    const row = {
      ...{ tenant, id, state: 'OPEN' as const, version: 1, created, maker, purpose: 'quality', objects: ['audio'] },
      ...{ due, policy: newId('pol'), proof: newId('prf'), words, closed: null },
    };
    await tx.batches.insert(withMac(metadataKey, 'batch', row));
    return { result: null, events: [event(tenant, operatorActor('op-1'), 'tenant.resumed', { id: tenant }, {})] };
  }, request);
  return id;
}
