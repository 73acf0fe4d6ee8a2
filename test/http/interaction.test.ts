// All legs of one contact together.
import { expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import type { Cast } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Page = { readonly data: readonly { readonly id: string }[]; readonly next_cursor: string | null };

const world = sharedWorld();
const leg = (cast: Cast, call: string, start: string, interaction?: string) =>
  world.deposited(cast, call, wav(1000), {
    'vault-meta-started-at': start,
    ...(interaction === undefined ? {} : { 'vault-meta-interaction': interaction }),
  });
const legs = async (id: string, query = ''): Promise<Page> => {
  const reply = await world.call('GET', `/v1/recordings/${id}/interaction${query}`, {
    key: world.harbour.reviewer.key,
  });
  expect(reply.status).toBe(200);
  return (await reply.json()) as Page;
};

it('lists every leg of the interaction, newest call first, and of no other tenant', async () => {
  const { harbour, yunhai } = world;
  const one = await leg(harbour, 'one', '2025-11-20T10:00:00Z', 'C-1');
  const two = await leg(harbour, 'two', '2025-11-20T10:05:00Z', 'c-1 ');
  const later = await leg(harbour, 'later', '2025-11-20T10:10:00Z');
  await leg(harbour, 'other', '2025-11-20T10:01:00Z', 'C-2');
  await leg(yunhai, 'theirs', '2025-11-20T10:02:00Z', 'C-1');
  expect((await legs(one)).data.map(({ id }) => id)).toEqual([two, one]);
  expect((await legs(later)).data).toEqual([]);
  const json = { interaction: 'C-1' };
  expect((await world.call('PATCH', '/v1/ingest/pbx/later', { key: harbour.uploader.key, json })).status).toBe(200);
  const all = (await legs(one)).data.map(({ id }) => id);
  expect(all).toEqual([later, two, one]);
  const first = await legs(one, '?limit=2');
  expect(first.data.map(({ id }) => id)).toEqual(all.slice(0, 2));
  expect((await legs(one, `?limit=2&cursor=${first.next_cursor}`)).data.map(({ id }) => id)).toEqual(all.slice(2));
});

it('of an erased recording is 410', async () => {
  const id = await leg(world.harbour, 'erased', '2025-11-20T11:00:00Z', 'C-3');
  world.sql.prepare("update recording set state = 'ERASED', facts = null where id = ?").run(id);
  const reply = await world.call('GET', `/v1/recordings/${id}/interaction`, { key: world.harbour.reviewer.key });
  await expectProblem(reply, 410, 'erased');
});
