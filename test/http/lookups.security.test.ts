// Every operation that finds recordings by a number, digits, a call id or a field of the caller's has one budget.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventsOf } from '../support/changes.ts';
import { consentIn } from '../support/consent.ts';
import { declaredLookups, type LookupDocument, undeclaredLookups } from '../support/derived/lookups.ts';
import { wav } from '../support/wav.ts';
import type { KeyHolder } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const AN_HOUR = 30;
const world = sharedWorld();
const { isWithdrawn } = consentIn(world);

type Terms = { readonly numbers?: readonly string[]; readonly fields?: Readonly<Record<string, string>> };
type Body = Readonly<Record<string, unknown>>;

const post = (by: KeyHolder, path: string, json: object) => world.call('POST', path, { key: by.key, json });
const read = async (reply: Response): Promise<Body> => (await reply.json()) as Body;
const single = ({ numbers: [number] = [], fields }: Terms) => ({
  ...(number === undefined ? {} : { number }),
  ...(fields === undefined ? {} : { fields }),
});
const review = () => new Date(world.vault.clock.now() + 30 * 86_400_000).toISOString();
const openSubject = (by: KeyHolder, kinds: readonly string[], person: Terms) =>
  post(by, '/v1/subject-requests', { kinds, person });
/** A subject request whose search is the next step. */
const identified = async (by: KeyHolder, terms: Terms): Promise<string> => {
  const { id } = await read(await openSubject(by, ['access'], terms));
  expect((await post(by, `/v1/subject-requests/${id}/identity`, { how: 'called back' })).status).toBe(200);
  return `/v1/subject-requests/${id}/search`;
};

/** A call of each operation with the budget; what is made before it looks nothing up. */
const CALLS: Readonly<Record<string, (by: KeyHolder, terms: Terms) => Promise<() => Promise<Response>>>> = {
  'POST /v1/recordings/search': async (by, terms) => () => post(by, '/v1/recordings/search', single(terms)),
  'POST /v1/holds': async (by, terms) => () =>
    post(by, '/v1/holds', { reference: 'C-1', title: 'a claim', review: review(), query: single(terms) }),
  'POST /v1/withdrawals': async (by, terms) => () =>
    post(by, '/v1/withdrawals', { reason: 'a letter', ...single(terms) }),
  'POST /v1/subject-requests': async (by, terms) => () => openSubject(by, ['withdraw'], terms),
  'POST /v1/subject-requests/{id}/search': async (by, terms) => {
    const path = await identified(by, terms);
    return () => post(by, path, {});
  },
};

let calls = 0;
let unknown = 0;
/** A number that no call has. */
const missing = () => `+4412398${String(10_000 + unknown++)}`;
/** A call with another number and field each time. */
async function stored(): Promise<{ readonly recording: string; readonly number: string; readonly customer: string }> {
  const [number, customer] = [`+4412345${String(10_000 + calls)}`, `customer-${calls}`];
  const recording = await world.deposited(world.harbour, `call-${calls++}`, wav(1000), {
    'vault-meta-from': encodeURIComponent(number),
    'vault-meta-field-customer': customer,
    'vault-meta-started-at': new Date(world.vault.clock.now() - 60_000).toISOString(),
  });
  return { recording, number, customer };
}
const search = (by: KeyHolder, json: object) => post(by, '/v1/recordings/search', json);
/** How many lookups without a match are left of a person's hour, by using them up. */
async function left(by: KeyHolder): Promise<number> {
  for (let n = 0; n <= AN_HOUR; n++) if ((await search(by, { number: missing() })).status === 429) return n;
  throw new Error('the budget has no end');
}
const spend = async (by: KeyHolder, most: number): Promise<void> => {
  for (let n = 0; n < most; n++) expect((await search(by, { number: missing() })).status).toBe(200);
};
const officer = () => world.person(world.harbour.tenant, ['privacy']);
const document = async () => (await (await world.call('GET', '/openapi.json')).json()) as LookupDocument;

beforeAll(() => {
  world.sql.prepare('update tenant set searchable = ? where tenant = ?').run('customer', world.harbour.tenant);
});
// Each test begins a day, and so an hour, of the budget.
beforeEach(() => world.forward(86_400_000 - (world.vault.clock.now() % 86_400_000)));

describe('operations that take numbers, call ids or fields', () => {
  it('all say whether they look recordings up by them, and those with the budget are called here', async () => {
    const described = await document();
    expect(undeclaredLookups(described)).toEqual([]);
    const charged = [...declaredLookups(described)].filter(([, looksUp]) => looksUp === 'budget');
    expect(charged.map(([name]) => name).sort()).toEqual(Object.keys(CALLS).sort());
  });

  it.each([
    ['in its body', { requestBody: { content: { 'application/json': { schema: { properties: { number: {} } } } } } }],
    ['in a member of a member', deep({ properties: { person: { properties: { numbers: {} } } } })],
    ['in one of several bodies', deep({ oneOf: [{ properties: {} }, { properties: { fields: {} } }] })],
    ['in what its body refers to', deep({ $ref: '#/components/schemas/Planted' })],
    ['in its path', { parameters: [{ in: 'path', name: 'callId' }] }],
    ['in the lines of a list', { requestBody: { content: { 'text/csv': {} } } }],
  ])('are found where one has it %s', (_, planted) => {
    const schemas = { Planted: { properties: { call_id: {} } } };
    const described = { components: { schemas }, paths: { '/v1/planted': { post: planted } } };
    expect(undeclaredLookups(described)).toEqual(['POST /v1/planted']);
  });

  it('are found where one works with what another keeps', () => {
    const paths = {
      '/v1/kept': { post: { 'x-looks-up': 'budget' } },
      '/v1/kept/{id}/count': { post: {}, get: {} },
      '/v1/kept/{id}/other': { post: { 'x-looks-up': 'none' } },
    };
    expect(undeclaredLookups({ paths })).toEqual(['POST /v1/kept/{id}/count']);
  });
});

function deep(schema: object) {
  return { requestBody: { content: { 'application/json': { schema } } } };
}

describe.each(Object.entries(CALLS))('%s', (_, prepare) => {
  it('is 429 once the budget is used up, whether a recording has the value or not', { timeout: 120_000 }, async () => {
    const [by, { number, customer }] = [await officer(), await stored()];
    const wanted = [{ numbers: [number] }, { numbers: [missing()] }, { fields: { customer } }];
    const sends = [];
    for (const terms of wanted) sends.push(await prepare(by, terms));
    await spend(by, AN_HOUR);
    const before = await world.snapshotOf(world.harbour.tenant);
    for (const send of sends) {
      const reply = await send();
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
      await expectProblem(reply, 429, 'too_many_searches', number, customer);
    }
    expect(await world.snapshotOf(world.harbour.tenant)).toBe(before);
    const events = await eventsOf(world, world.harbour.tenant);
    const refused = events.map((one) => JSON.stringify(one)).filter((one) => one.includes('"outcome":"refused"'));
    expect(refused.filter((one) => one.includes('search.limited') && one.includes(by.id))).toHaveLength(1);
    // Others have their own budget.
    const other = await officer();
    expect((await (await prepare(other, { numbers: [number] }))()).status).toBeLessThan(300);
  });

  it('costs one for a number or a field that no recording has, and nothing for others', {
    timeout: 120_000,
  }, async () => {
    const { number, customer } = await stored();
    for (const [terms, cost] of [
      [{ numbers: [number] }, 0],
      [{ fields: { customer } }, 0],
      [{ numbers: [missing()] }, 1],
      [{ fields: { customer: 'nobody' } }, 1],
    ] as const) {
      const by = await officer();
      expect((await (await prepare(by, terms))()).status).toBeLessThan(300);
      expect(await left(by), JSON.stringify(terms)).toBe(AN_HOUR - cost);
    }
  });
});

describe('a request with many numbers', () => {
  it('is charged for each that no recording has, and not looked up where the budget does not reach', async () => {
    const [by, { number }] = [await officer(), await stored()];
    const numbers = [number, ...Array.from({ length: 19 }, missing)];
    const first = await identified(by, { numbers });
    expect(await read(await post(by, first, {}))).toMatchObject({ recordings: { found: 1 } });
    // 19 of 30 are used: 20 more could be too many, and the reply must not say which.
    await expectProblem(await post(by, first, {}), 429, 'too_many_searches');
    expect(await left(by)).toBe(AN_HOUR - 19);
  });

  it('stops a person who tries all numbers behind a mask, twenty at a time', { timeout: 300_000 }, async () => {
    const by = await officer();
    let [tried, refused] = [0, 0];
    for (let n = 0; n < 20; n++) {
      const numbers = Array.from({ length: 20 }, missing);
      const reply = await post(by, await identified(by, { numbers }), {});
      if (reply.status === 429) refused++;
      else tried += numbers.length;
    }
    expect([tried, refused]).toEqual([20, 19]);
  });
});

describe('what is found by number, and what by field', () => {
  it.each(['number', 'field'] as const)('is held by %s', async (by) => {
    const { recording, number, customer } = await stored();
    const query = by === 'number' ? { number } : { fields: { customer } };
    const json = { reference: 'C-1', title: 'a claim', review: review(), query };
    const held = await read(await post(world.harbour.privacy, '/v1/holds', json));
    expect(held).toMatchObject({ recordings: 1 });
    const listed = await world.call('GET', `/v1/holds/${held['id']}/recordings`, { key: world.harbour.privacy.key });
    expect(await read(listed)).toMatchObject({ data: [{ recording }] });
  });

  it.each(['number', 'field'] as const)('is found for a subject request by %s', async (by) => {
    const { recording, number, customer } = await stored();
    const path = await identified(
      world.harbour.privacy,
      by === 'number' ? { numbers: [number] } : { fields: { customer } },
    );
    expect(await read(await post(world.harbour.privacy, path, {}))).toMatchObject({ recordings: { found: 1 } });
    const matches = await world.call('GET', path.replace('/search', '/recordings'), { key: world.harbour.privacy.key });
    expect(await read(matches)).toMatchObject({ data: [{ recording }] });
  });

  it.each(['number', 'field'] as const)(
    'is withdrawn by %s, and so is an earlier call that comes later',
    async (by) => {
      const { recording, number, customer } = await stored();
      const json = by === 'number' ? { number } : { fields: { customer } };
      const started = new Date(world.vault.clock.now() - 30_000).toISOString();
      expect((await post(world.harbour.privacy, '/v1/withdrawals', { reason: 'a letter', ...json })).status).toBe(201);
      expect(await isWithdrawn(recording)).toBe(true);
      const later = await world.deposited(world.harbour, `later-${by}`, wav(1000), {
        ...(by === 'number'
          ? { 'vault-meta-from': encodeURIComponent(number) }
          : { 'vault-meta-field-customer': customer }),
        'vault-meta-started-at': started,
      });
      expect(await isWithdrawn(later)).toBe(true);
      expect(await isWithdrawn((await stored()).recording)).toBe(false);
    },
  );

  it('is found by an uploader’s own call ids without a budget', async () => {
    const { uploader } = world.harbour;
    for (let n = 0; n < AN_HOUR + 5; n++)
      expect((await world.call('GET', `/v1/ingest/pbx/none-${n}`, { key: uploader.key })).status).toBe(404);
  });
});
