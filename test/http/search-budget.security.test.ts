// Guessing the number behind a mask: searches by number without a match have a budget, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { createMeasures } from '../../src/measure/measures.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import type { KeyHolder } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const HOUR_MS = 3_600_000;
const AN_HOUR = 30;
const A_DAY = 100;

type Event = {
  readonly action: string;
  readonly outcome: string;
  readonly actor: { readonly id: string };
  readonly object: object;
};

describe.each(ENGINES)('on $engine, a search by number that finds nothing $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  beforeAll(async () => {
    const { uploader } = world.yunhai;
    // The hidden digits are 0400: trying 0000, 0001 and so on finds them at the 401st search.
    const headers = { 'vault-meta-from': '+8613804008000', 'vault-meta-agent': 'Li' };
    const body = wav(16_000);
    const sent = { key: uploader.key, type: 'audio/wav', headers, body };
    expect((await world.call('PUT', '/v1/ingest/pbx/call-1', sent)).status).toBe(201);
  });

  /** Advances to the next hour, so that a test has a window to itself. */
  const nextHour = (hours = 1): void => world.forward(hours * HOUR_MS - (world.vault.clock.now() % HOUR_MS));
  const nextDay = (): void => world.forward(24 * HOUR_MS - (world.vault.clock.now() % (24 * HOUR_MS)));
  const search = (by: KeyHolder, json: object): Promise<Response> =>
    world.call('POST', '/v1/recordings/search', { key: by.key, json });
  const person = (): Promise<KeyHolder> => world.person(world.yunhai.tenant, ['reviewer']);
  const events = async (by: KeyHolder): Promise<Event[]> => {
    const { tenant } = world.yunhai;
    const wait = { signal: AbortSignal.timeout(600_000) };
    const stored = await world.vault.db.read((rows) => rows.log.events(tenant, 0, 100_000), wait);
    const all = stored.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as Event);
    return all.filter(({ action, actor }) => action === 'search.limited' && actor.id === by.id);
  };

  it.runIf(present)('stops a person who tries all 10,000 numbers behind a mask', { timeout: 300_000 }, async () => {
    nextDay();
    const by = await person();
    const listed = (await (await world.call('GET', '/v1/recordings', { key: by.key })).json()) as {
      data: { from_masked: string }[];
    };
    expect(listed.data[0]?.from_masked).toBe('+86 138****8000');
    const tally = { found: 0, nothing: 0, refused: 0 };
    let inARow = 0;
    for (let hidden = 0; hidden < 10_000 && tally.found === 0 && inARow < 100; hidden++) {
      const reply = await search(by, { number: `+86138${String(hidden).padStart(4, '0')}8000` });
      inARow = reply.status === 429 ? inARow + 1 : 0;
      if (reply.status === 429) tally.refused++;
      else if (((await reply.json()) as { data: unknown[] }).data.length > 0) tally.found++;
      else tally.nothing++;
    }
    expect(tally).toEqual({ found: 0, nothing: AN_HOUR, refused: 100 });
  });

  it.runIf(present)(
    'gets the same rejection whether the number exists or not, once the budget is used up',
    { timeout: 300_000 },
    async () => {
      nextDay();
      const by = await person();
      for (let n = 0; n < AN_HOUR; n++)
        expect((await search(by, { number: `+861390000${1000 + n}` })).status).toBe(200);
      const wrong = await search(by, { number: '+8613900009999' });
      const right = await search(by, { number: '+8613804008000' });
      const end = await search(by, { number_end: '8000', agent: 'Li' });
      for (const reply of [wrong, right, end]) {
        expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(Number(reply.headers.get('retry-after'))).toBeLessThanOrEqual(3600);
        await expectProblem(reply, 429, 'too_many_searches');
      }
      // Searches without a number still work for this person, and all searches for others.
      expect((await search(by, { agent: 'Li' })).status).toBe(200);
      expect((await search(world.yunhai.colleague, { number: '+8613804008000' })).status).toBe(200);
      nextHour();
      expect((await search(by, { number: '+8613804008000' })).status).toBe(200);
    },
  );

  it.runIf(present)(
    'costs nothing if a recording has the number, with any other filter',
    { timeout: 300_000 },
    async () => {
      nextDay();
      const by = await person();
      for (let n = 0; n < AN_HOUR + 5; n++) {
        const reply = await search(by, { number: '+8613804008000', ...(n % 2 === 0 ? {} : { direction: 'internal' }) });
        expect(reply.status).toBe(200);
      }
      for (let n = 0; n < AN_HOUR; n++) await search(by, { number_end: String(1000 + n) });
      await expectProblem(await search(by, { number_end: '2000' }), 429, 'too_many_searches');
    },
  );

  it.runIf(present)('has a budget per day besides that per hour', { timeout: 300_000 }, async () => {
    nextDay();
    const by = await person();
    let nothing = 0;
    for (let hour = 0; hour < 5; hour++) {
      for (let n = 0; n <= AN_HOUR; n++) {
        const reply = await search(by, { number: `+8613${hour}0000${1000 + n}` });
        if (reply.status === 200) nothing++;
      }
      if (hour < 4) nextHour();
    }
    expect(nothing).toBe(A_DAY);
    const refused = await search(by, { number: '+8613900009999' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(18 * 3600);
    await expectProblem(refused, 429, 'too_many_searches');
    const used = (await events(by)).filter(({ outcome }) => outcome === 'ok').map(({ object }) => object);
    const of = (budget: string, misses: number) => ({ type: 'catalogue', id: world.yunhai.tenant, budget, misses });
    expect(used).toEqual([of('hour', AN_HOUR), of('hour', AN_HOUR), of('hour', AN_HOUR), of('day', A_DAY)]);
  });

  it.runIf(present)(
    'is counted correctly under concurrency, over all keys of the person',
    { timeout: 300_000 },
    async () => {
      nextDay();
      const by = await person();
      const second = await world.keyOf(world.yunhai.tenant, by.id);
      const keys = [by, { id: by.id, key: second.secret }];
      const statuses: number[] = [];
      for (let round = 0; round < 4; round++) {
        const replies = Array.from({ length: 16 }, (_, n) =>
          search(keys[n % 2] ?? by, { number: `+86137${round}000${1000 + n}` }),
        );
        statuses.push(...(await Promise.all(replies)).map(({ status }) => status));
      }
      expect(statuses.filter((status) => status === 200)).toHaveLength(AN_HOUR);
      expect(statuses.filter((status) => status === 429)).toHaveLength(64 - AN_HOUR);
      // One event when it is used up. Rejections are counted; concurrent first ones may be events, too.
      const outcomes = (await events(by)).map(({ outcome }) => outcome);
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
      expect(outcomes.length).toBeGreaterThan(1);
      expect(outcomes.length).toBeLessThanOrEqual(1 + 16);
    },
  );

  it.runIf(present)('is counted by a metric when it is rejected', { timeout: 300_000 }, async () => {
    const { registry, requests } = createMeasures((error) => (error as { code?: string } | undefined)?.code ?? 'other');
    const told = requests(() => 0);
    for (const one of world.answered) told.answered(one);
    const refusals = world.answered.filter(({ error }) => error?.code === 'too_many_searches').length;
    expect(refusals).toBeGreaterThan(100);
    expect(await registry.metrics()).toContain(`callvault_searches_refused_total ${refusals}`);
  });
});
