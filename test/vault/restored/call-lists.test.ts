// The log of call lists through everything that may happen to them: both checkers find nothing in it.
import { afterEach, describe, expect, it } from 'vitest';
import { leafHash, logName } from '../../../src/model/audit-event.ts';
import { checkLog } from '../../../src/model/log/check.ts';
import { reportMissing } from '../../../src/vault/completeness/report-missing.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { continueErasures } from '../../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../../src/vault/erasure/erase-recording.ts';
import { restoreVault } from '../../../src/vault/restored/restore-vault.ts';
import { ENGINES } from '../../support/engines.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { needs } from '../../support/needs.ts';
import { rebuiltTenant } from '../../support/rebuilt-tenant.ts';
import { settled } from '../../support/replayed-calls.ts';
import { putEntries, type Running, startUp } from '../../support/restorable.ts';
import {
  eventsIn,
  type SealedDeployment,
  sealAll,
  sealedDeployment,
  verified,
} from '../../support/sealed-deployment.ts';
import { putCall } from '../../support/yesterday.ts';

const by = operatorActor('op-9');
const python = needs('python-cryptography');
const START = '2026-01-01T00:00:00Z';

describe.each(ENGINES)('call lists in the log on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the engine');
  let of: SealedDeployment | undefined;
  afterEach(async () => of?.end());

  async function take({ url }: Running, lines: readonly string[], columns = ''): Promise<Record<string, number>> {
    const body = [`call_id,started_at,duration_ms${columns}`, ...lines].join('\n');
    const headers = { authorization: `Bearer ${of?.people.depositor}`, 'content-type': 'text/csv' };
    const reply = await fetch(`${url}/v1/call-lists?source=pbx`, { method: 'POST', headers, body });
    expect(reply.status).toBe(200);
    return (await reply.json()) as Record<string, number>;
  }
  const line = (call: string): string => `${call},${START},1000`;
  const missing = (vault: Vault) => reportMissing(vault, minuteSignal());

  it('is as both checkers expect, before and after the audio, a restore and a rebuild', async () => {
    of = await sealedDeployment(engine);
    const { tenant } = of.people;
    let run = await of.start();
    let vault = settled(run.vault);
    await startUp(vault);
    const listed = ['a', 'b', 'c', 'd'].map(line);
    expect(await take(run, listed)).toMatchObject({ created: 4 });
    await putCall(run, of, 'a');
    await putCall(run, of, 'e');
    expect(await take(run, [`${line('e')},sales`, `${line('f')},sales`], ',queue')).toMatchObject({ amended: 1 });
    expect(await missing(vault)).toBe(4);
    expect(await take(run, listed)).toMatchObject({ unchanged: 4 });
    await putCall(run, of, 'b');
    expect(await take(run, ['d,,,no'], ',recorded')).toMatchObject({ updated: 1 });
    expect(await take(run, [line('d')])).toMatchObject({ updated: 1 });
    expect(await missing(vault)).toBe(1);
    await putEntries(vault, tenant);
    await sealAll(vault);
    await of.backUp();

    run = await of.start();
    vault = settled(run.vault);
    await startUp(vault);
    expect(await take(run, [line('g')])).toMatchObject({ created: 1 });
    expect(await missing(vault)).toBe(1);
    await putCall(run, of, 'c');
    expect(await take(run, ['d,,,no', 'f,,,no'], ',recorded')).toMatchObject({ updated: 2 });
    const first = (await eventsIn(vault, tenant)).find(({ action }) => action === 'recording.listed');
    const recording = String(first?.object['recordings']).split(',')[3] ?? '';
    await eraseRecording(vault, by, { tenant, recording, reason: 'request' }, minuteSignal());
    await continueErasures(vault, minuteSignal());
    await putEntries(vault, tenant);
    await sealAll(vault);
    await of.stop();

    await of.restore();
    run = await of.start();
    vault = settled(run.vault);
    const key = (await vault.db.read((rows) => rows.tenants.find(tenant), minuteSignal()))?.key?.id ?? '';
    const done = await restoreVault(
      vault,
      by,
      {
        ...{ keys: [key], alone: false, isCopy: false, confirmed: async () => false },
        ...{ restored: () => undefined, problem: () => undefined, save: () => async () => undefined },
      },
      minuteSignal(),
    );
    expect(done.steps.problems).toEqual([]);
    await startUp(vault);
    // The restored database has no row of g: its recording is another one.
    expect((await take(run, [...listed, line('f'), line('g')]))['created']).toBe(1);
    expect(await missing(vault)).toBe(1);
    expect(await rebuiltTenant(vault, tenant, key)).toMatchObject({ problems: [], deposits: 1 });
    await take(run, [...listed, line('f'), line('g'), line('h')]);
    expect(await missing(vault)).toBe(1);
    await sealAll(vault);

    const events = await vault.db.read((rows) => rows.log.events(tenant, 0, 10_000), minuteSignal());
    const actions = (await eventsIn(vault, tenant)).map(({ action }) => action);
    expect(actions.filter((one) => one === 'recording.missing')).toHaveLength(5);
    expect(actions).toContain('log.restored');
    const name = logName(vault.settings.origin, tenant);
    expect(checkLog(name, events, leafHash)).toEqual([]);
    if (python.present) expect((await verified(vault, tenant)).findings).toEqual([]);
  }, 600_000);
});
