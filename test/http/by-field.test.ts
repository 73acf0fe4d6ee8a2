// What finds a person's calls by a field that the tenant searches by, and by number: withdrawals, subject requests, holds.
import { beforeAll, describe, expect, it } from 'vitest';
import { changeByCommand } from '../../src/vault/changes/by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { indexUpdater } from '../../src/vault/indexing/update-indexes.ts';
import { consentIn } from '../support/consent.ts';
import { ENGINES } from '../support/engines.ts';
import { sharedWorld } from '../support/worlds.ts';

const request = () => ({ signal: AbortSignal.timeout(600_000) });
const inField = (customer: string) => ({ 'vault-meta-field-customer': customer });

describe.each(ENGINES)('by field, on $engine $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  const of = consentIn(world);
  const privacy = () => world.harbour.privacy.key;
  const post = async (path: string, json: object): Promise<Record<string, unknown> & { readonly id: string }> => {
    const reply = await world.call('POST', path, { key: privacy(), json });
    const body = await reply.json();
    expect([reply.ok, body]).toEqual([true, expect.anything()]);
    return body as Record<string, unknown> & { readonly id: string };
  };
  const listed = async (path: string): Promise<readonly string[]> => {
    const reply = await world.call('GET', path, { key: privacy() });
    return ((await reply.json()) as { data: { recording: string }[] }).data.map(({ recording }) => recording);
  };

  beforeAll(async () => {
    if (!present) return;
    const wanted = { kind: 'settings', settings: { searchable: ['customer'] } } as const;
    const how = { note: 'customers', alone: false };
    const { done } = await changeByCommand(
      world.vault,
      operatorActor('op-1'),
      world.harbour.tenant,
      wanted,
      how,
      request(),
    );
    expect(done).toBe(true);
    // Searching by another field waits for the older recordings.
    await indexUpdater(world.vault, () => undefined)(request());
  }, 300_000);

  it.runIf(present)('a withdrawal reaches a stored call, and one that arrives later', async () => {
    const stored = await of.call('w-stored', 30, inField('a-17'));
    const other = await of.call('w-other', 30, inField('a-18'));
    await of.withdrawn({ fields: { customer: 'a-17' } });
    const arrived = await of.call('w-arrived', 20, inField('a-17'));
    const elsewhere = await of.call('w-elsewhere', 20, inField('a-18'));
    expect(await of.isWithdrawn(stored)).toBe(true);
    expect(await of.isWithdrawn(arrived)).toBe(true);
    for (const id of [other, elsewhere]) expect(await of.isWithdrawn(id)).toBe(false);
  });

  it.runIf(present)('a subject request finds its calls', async () => {
    const wanted = await of.call('s-own', 30, inField('b-17'));
    await of.call('s-other', 30, inField('b-18'));
    const person = { fields: { customer: 'b-17' }, channel: 'letter' };
    const { id } = await post('/v1/subject-requests', { kinds: ['access'], person });
    await post(`/v1/subject-requests/${id}/identity`, { how: 'called back, passport seen' });
    expect(await post(`/v1/subject-requests/${id}/search`, {})).toMatchObject({ recordings: { found: 1 } });
    expect(await listed(`/v1/subject-requests/${id}/recordings`)).toEqual([wanted]);
  });

  it.runIf(present)(
    'a hold covers calls of a field or a number, and those that arrive later where it continues',
    async () => {
      const number = '+441234570001';
      const said = {
        reference: 'HB-1',
        title: 'Fenwick v Harbour',
        review: '2027-06-30T00:00:00.000Z',
        continuing: true,
      };
      const ways = [
        [{ fields: { customer: 'c-17' } }, inField('c-17')],
        [{ number }, { 'vault-meta-from': encodeURIComponent(number) }],
      ] as const;
      for (const [n, [query, headers]] of ways.entries()) {
        const stored = await of.call(`h-${n}`, 30, headers);
        await of.call(`h-${n}-other`, 30, inField('c-18'));
        const { id } = await post('/v1/holds', { ...said, query });
        expect(await listed(`/v1/holds/${id}/recordings`)).toEqual([stored]);
        const arrived = await of.call(`h-${n}-later`, 20, headers);
        expect([...(await listed(`/v1/holds/${id}/recordings`))].sort()).toEqual([stored, arrived].sort());
      }
    },
  );
});
