// A day of Harbour Bank after a backup, all of which only the store has once the backup is put back.
import { event, operatorActor, writeEvent } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { api, requestAndOpen } from './fault-client.ts';
import { minuteSignal } from './fault-deployment.ts';
import { settled } from './replayed-calls.ts';
import { putEntries, type RestorableEngine, type Running, startUp } from './restorable.ts';
import { applyToAll, eraseAfter, setRules } from './retention-rules.ts';
import { type SealedDeployment, sealAll, sealedDeployment } from './sealed-deployment.ts';
import { wavOf } from './vault.ts';

const by = operatorActor('op-1');
const NUMBER = '+441234567890';

/** What came after the backup. `keys`: the tenant's key. `times`: of the last event before the backup and of the last one. */
export type Yesterday = {
  readonly of: SealedDeployment;
  readonly tenant: string;
  readonly key: string;
  readonly calls: {
    readonly erased: string;
    readonly held: string;
    readonly restricted: string;
    readonly plain: string;
    readonly later: string;
  };
  readonly hold: string;
  readonly rules: string;
  readonly notice: string;
  readonly withdrawal: string;
  readonly backup: string;
  readonly lastEvent: string;
};

/** The time of the newest event of these logs. */
export async function newestEvent({ db }: Pick<Vault, 'db'>, logs: readonly string[]): Promise<string> {
  const times = await db.read(
    async ({ log }) =>
      Promise.all(
        logs.map(async (one) => {
          const [newest] = await log.eventsBelow(one, null, 1);
          return newest === undefined ? '' : (JSON.parse(Buffer.from(newest.leaf).toString()) as { ts: string }).ts;
        }),
      ),
    minuteSignal(),
  );
  return times.sort().at(-1) ?? '';
}

/** A call with audio, of a known number and of consent. */
export async function putCall(
  { url }: Pick<Running, 'url'>,
  { people }: SealedDeployment,
  callId: string,
): Promise<string> {
  const headers = {
    ...{ authorization: `Bearer ${people.depositor}`, 'content-type': 'audio/wav' },
    ...{ 'vault-meta-from': NUMBER.replace('+', '%2B'), 'vault-meta-started-at': '2026-01-01T00:00:00Z' },
    'vault-meta-basis': 'consent',
  };
  const body = new Uint8Array(wavOf(9000));
  const reply = await fetch(`${url}/v1/ingest/pbx/${callId}`, { method: 'PUT', headers, body });
  return ((await reply.json()) as { recording: string }).recording;
}

/** Four calls, a backup, and a day of changes; the deployment is stopped, and its database is still today's. */
export async function yesterday(engine: RestorableEngine): Promise<Yesterday> {
  const of = await sealedDeployment(engine);
  const { tenant } = of.people;
  let run = await of.start();
  await startUp(settled(run.vault));
  const person = { tenant, kind: 'person', name: 'Pia', roles: ['privacy'], owners: [] } as const;
  const principal = await addPrincipal(run.vault, by, person, minuteSignal());
  const created = await createApiKey(run.vault, by, { tenant, principal, days: 30, scopes: null }, minuteSignal());
  const [erased, held, restricted, plain] = [
    await putCall(run, of, '1'),
    await putCall(run, of, '2'),
    await putCall(run, of, '3'),
    await putCall(run, of, '5'),
  ];
  await requestAndOpen(run.url, of.people, erased, 'before');
  await putEntries(run.vault, tenant);
  await sealAll(run.vault);
  const backup = await newestEvent(run.vault, [tenant, 'deployment']);
  await of.backUp();

  run = await of.start();
  const vault = settled(run.vault);
  await startUp(vault);
  // Whole seconds, so that a gap of none shows.
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await writeEvent(vault, event('deployment', by, 'doctor.ran', { id: vault.settings.node }, {}), minuteSignal());
  const notice = await api<{ id: string }>(`${run.url}/v1/notices`, created.secret, 'POST', {
    language: 'en',
    text: 'Hello',
  });
  const withdrawn = await api<{ id: string }>(`${run.url}/v1/withdrawals`, created.secret, 'POST', {
    ...{ number: NUMBER, reason: 'a letter' },
  });
  await api(`${run.url}/v1/recordings/${restricted}/restrict`, created.secret, 'POST', {
    ground: 'claims',
    reason: 'a letter',
  });
  const { id: hold } = await api<{ id: string }>(`${run.url}/v1/holds`, created.secret, 'POST', {
    ...{ reference: 'HB-1', title: 'Fenwick v Harbour', review: '2027-06-30T00:00:00.000Z', recordings: [held] },
  });
  const rules = await setRules({ vault }, tenant, eraseAfter('P30D'));
  await applyToAll({ vault });
  await eraseRecording(vault, by, { tenant, recording: erased, reason: 'request' }, minuteSignal());
  await continueErasures(vault, minuteSignal());
  const later = await putCall(run, of, '4');
  await putEntries(vault, tenant);
  await sealAll(vault);
  const lastEvent = await newestEvent(vault, [tenant, 'deployment']);
  const key = (await vault.db.read((rows) => rows.tenants.find(tenant), minuteSignal()))?.key?.id ?? '';
  await of.stop();
  const calls = { erased, held, restricted, plain, later };
  return { of, tenant, key, calls, hold, rules, notice: notice.id, withdrawal: withdrawn.id, backup, lastEvent };
}
