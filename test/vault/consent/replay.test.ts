// A database restored from a backup: what was withdrawn and restricted since is so again, before anything is served.
import { afterEach, describe, expect, it } from 'vitest';
import { continueWithdrawals } from '../../../src/vault/consent/continue-withdrawals.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { addPrincipal } from '../../../src/vault/people/add-principal.ts';
import { createApiKey } from '../../../src/vault/people/api-keys.ts';
import { ENGINES } from '../../support/engines.ts';
import { api } from '../../support/fault-client.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { settled, stateOf } from '../../support/replayed-calls.ts';
import { putEntries, type Restorable, type Running, restorable, startUp } from '../../support/restorable.ts';
import { wavOf } from '../../support/vault.ts';

const NUMBER = '+441234567890';
const operator = operatorActor('op-1');

async function put({ url }: Running, { people }: Restorable, callId: string): Promise<string> {
  const headers = {
    ...{ authorization: `Bearer ${people.depositor}`, 'content-type': 'audio/wav' },
    ...{ 'vault-meta-from': NUMBER.replace('+', '%2B'), 'vault-meta-started-at': '2026-01-01T00:00:00Z' },
    'vault-meta-basis': 'consent',
  };
  const body = new Uint8Array(wavOf(9000));
  const reply = await fetch(`${url}/v1/ingest/pbx/${callId}`, { method: 'PUT', headers, body });
  return ((await reply.json()) as { recording: string }).recording;
}

describe.each(ENGINES)('consent in yesterday’s database, on $engine $reason', ({ engine, present }) => {
  let of: Restorable;
  afterEach(async () => of?.remove());

  it.skipIf(!present)('has withdrawals, restrictions and notices after the start', async () => {
    of = await restorable(engine);
    const { tenant } = of.people;
    let run = await of.start();
    expect(await startUp(settled(run.vault))).toEqual([]);
    const person = { tenant, kind: 'person', name: 'Pia', roles: ['privacy'], owners: [] } as const;
    const principal = await addPrincipal(run.vault, operator, person, minuteSignal());
    const { secret: key } = await createApiKey(
      run.vault,
      operator,
      { tenant, principal, days: 30, scopes: null },
      minuteSignal(),
    );
    const [one, two] = [await put(run, of, 'call-1'), await put(run, of, 'call-2')];
    await putEntries(run.vault, tenant);
    await of.backUp();

    run = await of.start();
    expect(await startUp(settled(run.vault))).toEqual([]);
    const notice = await api<{ id: string }>(`${run.url}/v1/notices`, key, 'POST', { language: 'en', text: 'Hello' });
    const { id } = await api<{ id: string }>(`${run.url}/v1/withdrawals`, key, 'POST', {
      ...{ number: NUMBER, reason: 'a letter' },
    });
    await api(`${run.url}/v1/recordings/${two}/restrict`, key, 'POST', { ground: 'claims', reason: 'a letter' });
    const before = [await stateOf(run.vault, tenant, one), await stateOf(run.vault, tenant, two)];
    expect(before.map((state) => [state?.facts['basis'], state?.restricted])).toEqual([
      [expect.objectContaining({ withdrawn: expect.anything() }), null],
      [expect.objectContaining({ withdrawn: expect.anything() }), expect.any(String)],
    ]);
    await putEntries(run.vault, tenant);
    await of.restore();

    run = await of.start();
    const vault = settled(run.vault);
    expect((await stateOf(vault, tenant, two))?.restricted).toBeNull();
    expect(await startUp(vault)).toEqual([]);
    expect([await stateOf(vault, tenant, one), await stateOf(vault, tenant, two)]).toEqual(before);
    const read = await vault.db.read(
      async (rows) => ({
        notices: await rows.consent.notices(tenant),
        withdrawal: await rows.consent.withdrawal(tenant, id),
      }),
      minuteSignal(),
    );
    expect(read.notices).toMatchObject([{ id: notice.id, version: 1 }]);
    expect(read.withdrawal).toMatchObject({ id, reached: '', due: expect.any(String) });
    // It has reached both: nothing is left to do, and an earlier call that arrives now is withdrawn.
    expect(await continueWithdrawals(vault, minuteSignal())).toBe(0);
    const later = await put(run, of, 'call-3');
    expect((await stateOf(vault, tenant, later))?.facts['basis']).toMatchObject({ withdrawn: expect.anything() });
  });
});
