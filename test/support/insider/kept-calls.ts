// The part of an insider's history about what keeps recordings: two versions of the retention rules, a notice, a withdrawal, two holds.

import { browserOf, type Driver } from '../access-history/driver.ts';
import { signatureOf, signChange } from '../changes.ts';
import { applyToAll, eraseAfter } from '../retention-rules.ts';

/** Adds them, each as its route does; one hold is lifted by two people. */
export async function keepCalls(driver: Driver): Promise<void> {
  const { world, officers, recordings } = driver;
  const key = officers[0]?.key ?? '';
  const post = async (path: string, json: object): Promise<string> => {
    const reply = await world.call('POST', path, { key, json });
    if (reply.status !== 201) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return ((await reply.json()) as { id: string }).id;
  };
  let base: string | null = null;
  for (const period of ['P20Y', 'P10Y'] as const) {
    await byTwo(driver, { kind: 'retention', base, rules: eraseAfter(period) });
    await applyToAll(world);
    const tenant = await world.vault.db.read((rows) => rows.tenants.find(driver.tenant), wait());
    base = tenant?.retention ?? null;
  }
  await post('/v1/notices', { language: 'en', text: 'This call is recorded.' });
  await post('/v1/withdrawals', { number: '+441234567890', purposes: ['training'], reason: 'by letter' });
  const about = { title: 'Fenwick v Harbour', review: '2099-06-30T00:00:00.000Z', recordings: recordings.slice(2) };
  await post('/v1/holds', { reference: 'HB-1', ...about });
  const hold = await post('/v1/holds', { reference: 'HB-2', ...about });
  await byTwo(driver, { kind: 'lift', hold });
}

/** A change that a privacy officer proposes and an admin approves. */
async function byTwo(driver: Driver, json: object): Promise<void> {
  const [by, other] = driver.officers;
  const [one, two] = [await browserOf(driver, by), await browserOf(driver, other)];
  if (one === null || two === null || by?.passkey == null || other?.passkey == null)
    throw new Error('officers have passkeys');
  const made = await one.call('POST', '/v1/changes', { json: { note: 'as the law requires', ...json } });
  if (made.status !== 201) throw new Error(`a change: ${made.status} ${await made.text()}`);
  const { id } = (await made.json()) as { id: string };
  await signChange(one, by.passkey, id);
  const path = `/v1/changes/${id}/approve`;
  const reply = await two.call('POST', path, { json: (await signatureOf(two, other.passkey, path)) ?? {} });
  if (reply.status !== 200) throw new Error(`an approval: ${reply.status} ${await reply.text()}`);
}

const wait = () => ({ signal: AbortSignal.timeout(600_000) });
