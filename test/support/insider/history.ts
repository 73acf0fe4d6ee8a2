// A tenant's history with something of everything that its log speaks of, sealed into a store and an anchor: what an insider could edit.

import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { continueErasures } from '../../../src/vault/erasure/continue-erasures.ts';
import { createIngestKey } from '../../../src/vault/keys/ingest/create.ts';
import { tenantWithKey } from '../../../src/vault/keys/rotation.ts';
import { revokeApiKey } from '../../../src/vault/people/api-keys.ts';
import { approveByKey, ask, giveSigned, listen, open, revoke, sign } from '../access-history/access-steps.ts';
import { batchRound } from '../access-history/batch-steps.ts';
import { policyWith, proposePolicy, setPeople, setPolicy } from '../access-history/change-steps.ts';
import { browserOf, catchUp, createDriver, type Driver, erase, person } from '../access-history/driver.ts';
import { makeTeams } from '../access-history/rounds.ts';
import { createSignInLink } from '../browser.ts';
import { sealTenant } from '../sealed-tenant.ts';
import { wav } from '../wav.ts';
import type { World } from '../world.ts';
import { keepCalls } from './kept-calls.ts';

const operator = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

/** Uploads of the history: with them the log has more events than a tile has hashes. */
const UPLOADS = 50;
const SEALED_AT = 15;

/**
 * `tenant` has the history; `suspended` is another one, which was suspended. `erased`: a recording that was. `receipts`:
 * lines of `Vault-Audit` about events that no checkpoint covers.
 */
export type InsiderHistory = {
  readonly tenant: string;
  readonly suspended: string;
  readonly erased: string;
  readonly receipts: readonly string[];
  /** How far the clock is ahead by its end. */
  readonly ahead: number;
  readonly driver: Driver;
};

/** Makes the history in a world with a signer and an anchor. */
export async function makeHistory(world: World): Promise<InsiderHistory> {
  const driver = await createDriver(world);
  const { tenant, people } = driver;
  const left = await person(driver, ['reviewer'], false);
  const key = await world.keyOf(tenant, left.id);
  await upload(world, driver, SEALED_AT);
  const erased = driver.recordings[1] ?? '';
  await ask(driver, [2, 1, 1]);
  await approveByKey(driver, [0, 0, 0]);
  await erase(driver, erased);
  // Its blobs are deleted, and some time later looked for again.
  for (const minutes of [0, 10, 70]) {
    world.forward(minutes * 60_000);
    await continueErasures(world.vault, wait());
  }
  // From the first seal on, a command's link or API key takes two people: everyone signs in before, and gets a key.
  for (const one of [...people, ...driver.officers]) {
    await browserOf(driver, one);
    one.keyed = Number.POSITIVE_INFINITY;
  }
  await createSignInLink(world, tenant, people[2]?.id ?? '', { minutes: 1440 });
  await setPeople(driver, [{ id: people[2]?.id ?? '', roles: ['reviewer'], trained_until: '2099-12-31' }]);
  await catchUp(driver);
  await seal(world, tenant);
  await upload(world, driver, UPLOADS);
  await makeTeams(driver, [1, 1, 0]);
  for (let n = 0; n < 2; n++)
    await createIngestKey(world.vault, operator, await tenantWithKey(world.vault, tenant, wait()), 'rotated', wait());
  await keepCalls(driver);
  const rest = { apiKeyDecisions: true, requestHours: 72 };
  await setPolicy(driver, policyWith({}, {}, rest));
  await decided(driver);
  await batchRound(driver, [5, 29, 2]);
  await revokeOne(driver);
  await seal(world, tenant);
  // Waiting: a request with one approval of two, and a proposal.
  await setPolicy(driver, policyWith({ approvals: 2 }, {}, rest));
  await ask(driver, [2, 0, 1]);
  await approveByKey(driver, [0, 0, 0]);
  await proposePolicy(driver, driver.officers[0], (policy) => ({ ...policy, bulk: 7 }));
  // What was taken from people and calls.
  await revokeApiKey(world.vault, operator, key.id, null, wait());
  await world.turnOff(tenant, left.id);
  await world.suspend(world.yunhai.tenant);
  for (const log of [tenant, world.yunhai.tenant, 'deployment']) await seal(world, log);
  const receipts = await upload(world, driver, 3);
  return {
    tenant,
    suspended: world.yunhai.tenant,
    erased,
    receipts,
    ahead: world.vault.clock.now() - Date.now(),
    driver,
  };
}

/** A grant that is revoked before it is used. */
async function revokeOne(driver: Driver): Promise<void> {
  await ask(driver, [1, 3, 1]);
  await approveByKey(driver, [0, 0, 0]);
  await revoke(driver, [0, 0, 2]);
}

/** A request that a passkey decided, and one that a key did: both are listened to. */
async function decided(driver: Driver): Promise<void> {
  await ask(driver, [1, 0, 1]);
  await sign(driver, [0, 0, 0]);
  await giveSigned(driver, [0, 0, 0]);
  await open(driver, [1, 0, 1]);
  await listen(driver, [0, 0, 0]);
  await ask(driver, [2, 2, 1]);
  await approveByKey(driver, [0, 0, 0]);
  await open(driver, [2, 0, 1]);
  await listen(driver, [0, 0, 0]);
  await open(driver, [2, 0, 1]);
  const last = driver.sessions.at(-1);
  if (last !== undefined) await driver.world.call('DELETE', `/v1/sessions/${last.id}`, { key: last.by.key });
}

async function upload({ call }: World, { uploader }: Driver, count: number): Promise<string[]> {
  const receipts: string[] = [];
  for (let n = 0; n < count; n++) {
    const sent = { key: uploader, type: 'audio/wav', body: wav(100) };
    const reply = await call('PUT', `/v1/ingest/pbx/more-${crypto.randomUUID()}`, sent);
    if (reply.status !== 201) throw new Error(`an upload: ${reply.status} ${await reply.text()}`);
    receipts.push(reply.headers.get('vault-audit') ?? '');
  }
  return receipts;
}

async function seal(world: World, log: string): Promise<void> {
  await sealTenant(world, log);
}
