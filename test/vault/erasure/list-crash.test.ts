// A process that crashes at any step of an erasure's first pass, and a database lost right after: the call stays erased
// once its list is in the store, and until then nothing of it is deleted.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Composed, compose } from '../../../src/compose.ts';
import { readConfig } from '../../../src/config.ts';
import { VaultError } from '../../../src/errors.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { continueErasures } from '../../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../../src/vault/erasure/erase-recording.ts';
import {
  composeDeployment,
  createStaffedTenant,
  type Deployment,
  filesUnder,
  minuteSignal,
  newDeployment,
  type StaffedTenant,
} from '../../support/fault-deployment.ts';
import { depositCall, outcomeOf, rebuiltTenant } from '../../support/rebuilt-tenant.ts';
import { until } from '../../support/until.ts';

const by = operatorActor('op-1');
let deployment: Deployment;
let open: Composed;
let rebuilt: Composed | undefined;
let people: StaffedTenant;
let tenant: string;
let key: string;

beforeEach(async () => {
  deployment = await newDeployment();
  open = await composeDeployment(deployment);
  people = await createStaffedTenant(open.vault, 'Harbour Bank');
  ({ tenant } = people);
  key = (await open.vault.db.read((rows) => rows.tenants.find(tenant), minuteSignal()))?.key?.id ?? '';
});
afterEach(async () => {
  await rebuilt?.close();
  await open.close();
  await deployment.remove();
});

/** The vault of a process that crashes at call number `at` of store or database, before or after making it. */
function dying(vault: Vault, at: number, made: boolean): { readonly vault: Vault; readonly died: () => boolean } {
  let calls = 0;
  const watch = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...given: unknown[]): unknown => {
          const call = calls++;
          const dead = new VaultError('internal', 'dead');
          if (call > at || (call === at && (!made || name === 'list'))) throw dead;
          const answer: unknown = Reflect.apply(method, target, given);
          return call < at ? answer : Promise.resolve(answer).then(() => Promise.reject(dead));
        };
      },
    });
  return { vault: { ...vault, db: watch(vault.db), store: watch(vault.store) }, died: () => calls > at };
}

it.each([false, true])('keeps the call erased or whole, its last call made: %s', { timeout: 600_000 }, async (made) => {
  const outcomes: string[] = [];
  for (let at = 0; ; at++) {
    const callId = `call-${at}`;
    const { recording } = await depositCall(open.vault, people, callId);
    const { erasure } = await eraseRecording(open.vault, by, { tenant, recording, reason: 'request' }, minuteSignal());
    const process = dying(open.vault, at, made);
    await continueErasures(process.vault, minuteSignal()).catch(() => undefined);
    const stored = await filesUnder(deployment.store);
    const listed = stored.includes(erasure.tombstone);
    const left = stored.filter((name) => name.includes(recording)).length;
    if (!listed) expect(left).toBe(3);
    outcomes.push(`${listed ? 'listed' : 'not listed'}, ${left} left`);

    // The database is lost now.
    const env = { ...deployment.env, CALLVAULT_DATABASE: `sqlite:${join(deployment.folder, `${at}.db`)}` };
    rebuilt = await compose(readConfig(env), (error) => {
      throw error;
    });
    const { vault } = rebuilt;
    expect((await rebuiltTenant(vault, tenant, key)).problems).toEqual([]);
    const row = await vault.db.read((rows) => rows.recordings.find(tenant, recording), minuteSignal());
    const gone = left === 0 || !stored.some((name) => name.includes(`/e/${recording}`));
    expect(row?.state).toBe(listed ? (gone ? 'ERASED' : 'ERASING') : 'AVAILABLE');
    expect(await outcomeOf(depositCall(vault, people, callId))).toBe('call_key_taken');
    await rebuilt.close();
    rebuilt = undefined;

    // It was not: the next process continues, to the same list.
    await until('the pass is done', async () => {
      // The dead process may hold the lease of a deposit.
      const waiting = await open.vault.db.read((rows) => rows.erasures.find(tenant, recording), minuteSignal());
      if (waiting?.pass !== 0) return waiting?.pass === 1;
      await open.vault.db.note(({ erasures }) => erasures.take(waiting, waiting.begun), minuteSignal());
      return (await continueErasures(open.vault, minuteSignal())) === 1;
    });
    const after = await filesUnder(deployment.store);
    expect(after.filter((name) => name.includes(recording))).toEqual([]);
    const ended = await open.vault.db.read((rows) => rows.erasures.find(tenant, recording), minuteSignal());
    expect(ended).toMatchObject({ pass: 1, list: erasure.tombstone });
    expect(after.filter((name) => name.includes('/x/'))).toHaveLength(at + 1);
    if (!process.died()) break;
  }
  // Some processes died before the list, some after it, and some between two deletions.
  expect(new Set(outcomes).size).toBeGreaterThanOrEqual(4);
});
