// Lists of recordings: filters, pages, masked numbers and the caller's access state, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import type { KeyHolder } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

type Listed = {
  readonly id: string;
  readonly call_id: string;
  readonly from: string | null;
  readonly from_masked: string | null;
  readonly access: Readonly<Record<string, unknown>>;
};
type Page = { readonly data: readonly Listed[]; readonly next_cursor: string | null };

describe.each(ENGINES)('on $engine, a list of recordings $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  const ids = new Map<string, string>();
  beforeAll(async () => {
    for (let n = 0; n < 7; n++) {
      const headers = {
        'vault-meta-from': `1381234567${n}`,
        'vault-meta-started-at': `2025-11-2${n}T10:00:00Z`,
        'vault-meta-direction': n % 2 === 0 ? 'inbound' : 'outbound',
        'vault-meta-language': n < 3 ? 'zh-cn' : 'en',
        'vault-meta-agent': 'Rosa',
      };
      ids.set(`call-${n}`, await world.deposited(world.harbour, `call-${n}`, wav(16_000 * (n + 1)), headers));
    }
  });

  const list = async (query: string, by: KeyHolder = world.harbour.reviewer): Promise<Page> =>
    (await (await world.call('GET', `/v1/recordings?${query}`, { key: by.key })).json()) as Page;
  const search = async (json: object): Promise<Page> => {
    const sent = { key: world.harbour.reviewer.key, json: { agent: 'Rosa', ...json } };
    return (await (await world.call('POST', '/v1/recordings/search', sent)).json()) as Page;
  };
  const calls = ({ data }: Page) => data.map(({ call_id: id }) => Number(id.slice(5)));
  const idOf = (n: number) => ids.get(`call-${n}`) ?? '';
  const standing = async (n: number, by?: KeyHolder) =>
    (await list('', by)).data.find(({ id }) => id === idOf(n))?.access ?? {};
  const post = async (by: KeyHolder, path: string, json?: object) =>
    (await (await world.call('POST', path, { key: by.key, json })).json()) as {
      id: string;
    };
  const ask = (n: number, purpose = 'quality') =>
    post(world.harbour.reviewer, '/v1/access-requests', { recording: idOf(n), purpose, reason: 'sample', minutes: 15 });

  it.runIf(present)('is filtered by values in clear, and so is a search', async () => {
    expect(calls(await list('direction=inbound'))).toEqual([6, 4, 2, 0]);
    expect(calls(await list('language=zh-CN'))).toEqual([2, 1, 0]);
    const lengths = (await list('')).data.map((one) => (one as unknown as { duration_ms: number }).duration_ms);
    const [third = 0, fourth = 0] = [lengths[4], lengths[3]];
    expect(calls(await list(`min_ms=${third}&max_ms=${fourth}`))).toEqual([3, 2]);
    expect(calls(await list('state=available&direction=outbound'))).toEqual([5, 3, 1]);
    expect(calls(await list('state=quarantined'))).toEqual([]);
    expect(calls(await list('from=2025-11-23T00:00:00Z&direction=outbound'))).toEqual([5, 3]);
    expect(calls(await search({ direction: 'outbound', language: 'zh-cn' }))).toEqual([1]);
    expect(calls(await search({ state: 'available', min_ms: fourth, limit: 2 }))).toEqual([6, 5]);
  });

  it.runIf(present)('is paginated, has each recording once, and ends', async () => {
    for (const query of ['direction=inbound', 'language=en', 'state=available', '']) {
      const whole = calls(await list(query));
      for (const limit of [1, 2, 3, whole.length]) {
        const seen: number[] = [];
        let cursor: string | null = '';
        while (cursor !== null) {
          const next: Page = await list(`${query}&limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
          expect(next.data.length).toBeGreaterThan(0);
          seen.push(...calls(next));
          cursor = next.next_cursor;
        }
        expect(seen).toEqual(whole);
      }
    }
  });

  it.runIf(present)('shows whole numbers to a key, and masked ones to people', async () => {
    const [first] = (await list('limit=1')).data;
    expect(first).toMatchObject({ from: '13812345676', from_masked: '138****5676', to: null, to_masked: null });
  });

  it.runIf(present)('shows each caller’s access state, from the request to the end', async () => {
    const { supervisor, colleague } = world.harbour;
    const nothing = { code: null, purpose: null, request: null, grant: null, until: null, approvals: null };
    expect(await standing(0)).toEqual({ state: 'ask', ...nothing, decided_by: null, reason: null });
    const asked = await ask(0);
    expect(await standing(0)).toMatchObject({
      state: 'pending',
      purpose: 'quality',
      request: asked.id,
      approvals: { given: 0, needed: 1 },
    });
    expect(calls(await list('mine=pending'))).toEqual([0]);
    await post(supervisor, `/v1/access-requests/${asked.id}/deny`, { reason: 'not this one' });
    expect(await standing(0)).toMatchObject({
      state: 'denied',
      reason: 'not this one',
      decided_by: { id: supervisor.id, name: 'Sue' },
    });
    expect(calls(await list('mine=over'))).toEqual([0]);
    const grant = await world.grant(world.harbour, idOf(0));
    expect(await standing(0)).toMatchObject({ state: 'listen', grant, approvals: { given: 1, needed: 1 } });
    expect(calls(await list('mine=listen'))).toEqual([0]);
    expect(calls(await list('mine=over'))).toEqual([]);
    // Another request changes nothing of a live grant.
    await ask(0, 'training');
    expect(await standing(0)).toMatchObject({ state: 'listen', grant });
    expect(await standing(0, colleague)).toMatchObject({ state: 'ask', grant: null });
    expect(calls(await list('mine=listen', colleague))).toEqual([]);
    await post(supervisor, `/v1/grants/${grant}/revoke`, { reason: 'mistake' });
    expect(await standing(0)).toMatchObject({ state: 'pending', purpose: 'training' });
    const one = await world.call('GET', `/v1/recordings/${idOf(0)}`, { key: world.harbour.reviewer.key });
    expect(((await one.json()) as Listed).access).toMatchObject({ state: 'pending' });
  });

  it.runIf(present)('shows why a grant was revoked, and that a grant is used up', async () => {
    const grant = await world.grant(world.harbour, idOf(1));
    await post(world.harbour.privacy, `/v1/grants/${grant}/revoke`, { reason: 'complaint came in' });
    expect(await standing(1)).toMatchObject({ state: 'revoked', reason: 'complaint came in', grant });
    const other = await world.grant(world.harbour, idOf(2));
    for (let n = 0; n < 3; n++) await world.session(world.harbour, other);
    expect(await standing(2)).toMatchObject({ state: 'used', grant: other });
    expect(await standing(2, world.harbour.privacy)).toMatchObject({ state: 'ask' });
    world.forward(20 * 60_000);
    expect(await standing(2)).toMatchObject({ state: 'expired' });
  });
});
