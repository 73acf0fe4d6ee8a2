// The list of erasures: by the event that began each, newest first, of a reason, page by page.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EraseReason } from '../../src/model/erasure.ts';
import { beginErasing, endErasures } from '../support/erased-calls.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

describe('the list of erasures', () => {
  let world: World;
  const erased: { readonly recording: string; readonly event: number; readonly reason: EraseReason }[] = [];
  beforeAll(async () => {
    world = await makeWorld();
    const { harbour } = world;
    for (const [n, reason] of (['request', 'error', 'request'] as const).entries()) {
      const recording = await world.deposited(harbour, `erased-${n}`, wav(1000));
      erased.push({ recording, event: await beginErasing(world, harbour.tenant, recording, reason), reason });
    }
  }, 300_000);
  afterAll(() => world?.end());

  const read = async (query = '', key = world.harbour.privacy.key) => {
    const reply = await world.call('GET', `/v1/erasures${query}`, { key });
    expect(reply.status, await reply.clone().text()).toBe(200);
    return (await reply.json()) as { data: Record<string, unknown>[]; next_cursor: string | null };
  };
  const expected = (unfinished: number) =>
    erased.toReversed().map(({ recording, event, reason }) => ({
      ...{ event, reason, cause: null, recordings: [recording], unfinished },
      ...{ id: expect.stringMatching(/^evt_/), at: expect.any(String) },
      actor: { id: 'op-1', type: 'operator', name: null },
    }));

  it('has each with its recordings, and says when all are erased', async () => {
    expect(await read()).toEqual({ data: expected(1), next_cursor: null });
    await endErasures(world);
    expect((await read()).data).toEqual(expected(0));
    expect((await read('', world.harbour.auditor.key)).data).toEqual(expected(0));
  });

  it('has those of a reason, and goes on where a page ended', async () => {
    const [last, error, first] = expected(0);
    expect(await read('?reason=error')).toEqual({ data: [error], next_cursor: null });
    expect((await read('?reason=court-order')).data).toEqual([]);
    const page = await read('?reason=request&limit=1');
    expect(page.data).toEqual([last]);
    const rest = await read(`?reason=request&limit=1&cursor=${page.next_cursor}`);
    expect(rest.data).toEqual([first]);
    expect((await read(`?limit=1&cursor=${rest.next_cursor}`)).data).toEqual([]);
  });

  it('has none of another tenant, and rejects what is no reason', async () => {
    expect((await read('', world.yunhai.privacy.key)).data).toEqual([]);
    const wrong = await world.call('GET', '/v1/erasures?reason=whim', { key: world.harbour.privacy.key });
    expect(wrong.status).toBe(400);
  });
});
