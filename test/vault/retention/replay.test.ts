// A database restored from a backup: rules that came since are in force again, and nothing is due earlier than before.
import { afterEach, describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/model/audit-event.ts';
import { checkLog } from '../../../src/model/log/check.ts';
import { expirer } from '../../../src/vault/retention/expire.ts';
import { ENGINES } from '../../support/engines.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { settled } from '../../support/replayed-calls.ts';
import { putEntries, type Restorable, type Running, restorable, startUp } from '../../support/restorable.ts';
import { applyToAll, eraseAfter, setRules } from '../../support/retention-rules.ts';
import { wavOf } from '../../support/vault.ts';

async function put({ url }: Running, { people }: Restorable, callId: string): Promise<string> {
  const headers = {
    ...{ authorization: `Bearer ${people.depositor}`, 'content-type': 'audio/wav' },
    'vault-meta-started-at': '2026-01-01T00:00:00Z',
  };
  const reply = await fetch(`${url}/v1/ingest/pbx/${callId}`, {
    method: 'PUT',
    headers,
    body: new Uint8Array(wavOf(9000)),
  });
  return ((await reply.json()) as { recording: string }).recording;
}

describe.each(ENGINES)('retention in yesterday’s database, on $engine $reason', ({ engine, present }) => {
  let of: Restorable;
  afterEach(async () => of?.remove());

  it.skipIf(!present)('has the rules and their times after the start', async () => {
    of = await restorable(engine);
    const { tenant } = of.people;
    let run = await of.start();
    expect(await startUp(settled(run.vault))).toEqual([]);
    const id = await put(run, of, 'call-1');
    await putEntries(run.vault, tenant);
    await of.backUp();

    run = await of.start();
    expect(await startUp(settled(run.vault))).toEqual([]);
    const rules = await setRules(run, tenant, eraseAfter('P30D', { grace: 'P7D' }));
    await applyToAll(run);
    const read = (vault: Running['vault']) =>
      vault.db.read(
        async (rows) => ({
          row: await rows.recordings.find(tenant, id),
          tenant: await rows.tenants.find(tenant),
          version: await rows.retention.find(tenant, rules),
        }),
        minuteSignal(),
      );
    const before = await read(run.vault);
    expect(before.row).toMatchObject({ ruled: rules, eraseAfter: expect.any(String) });
    await putEntries(run.vault, tenant);
    await of.restore();

    run = await of.start();
    const vault = settled(run.vault);
    expect((await read(vault)).tenant?.retention).toBeNull();
    expect(await startUp(vault)).toEqual([]);
    await applyToAll({ vault });
    const after = await read(vault);
    expect(after.tenant?.retention).toBe(rules);
    expect(after.version).toMatchObject({ id: rules, created: before.version?.created });
    expect(after.row).toMatchObject({ ruled: rules, eraseAfter: before.row?.eraseAfter });
    expect(await expirer(vault, () => undefined)(minuteSignal())).toBe(0);
    const later = await put(run, of, 'call-2');
    expect((await vault.db.read(({ recordings }) => recordings.find(tenant, later), minuteSignal()))?.ruled).toBe(
      rules,
    );
    const events = await vault.db.read(({ log }) => log.events(tenant, 0, 10_000), minuteSignal());
    const findings = checkLog(`${vault.settings.origin}/${tenant}`, events, leafHash);
    expect(findings.filter(({ code }) => code !== 'change_missing')).toEqual([]);
  });
});
