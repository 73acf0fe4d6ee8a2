// The lists and searches that are measured: each filter, and the combinations that the console offers.
import { newId } from '../../../src/bytes/ids.ts';
import type { Caller } from '../../../src/model/principal.ts';
import type { RecordingCursor } from '../../../src/model/recording.ts';
import { listRecordings } from '../../../src/vault/catalogue/list-recordings.ts';
import type { RecordingListOptions } from '../../../src/vault/catalogue/page.ts';
import { searchRecordings } from '../../../src/vault/catalogue/search-recordings.ts';
import type { SearchTerms } from '../../../src/vault/core/facts/search-terms.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { AGENTS, agentName, callerNumber, lineNumber, QUEUES, queueName, SPAN_MS } from './cast.ts';
import type { Random } from './random.ts';
import type { SeededDeployment } from './seed.ts';

/** An operation; it returns how many rows it found. */
export type Operation = { readonly name: string; readonly run: () => Promise<number> };

const LIMIT = 50;
const RARE = 'cy';
const DAY_MS = 86_400_000;
/** No call is this long. */
const ENDLESS_MS = 9_000_000;

type Filter = (draw: Random) => RecordingListOptions;

/** A day, a month and a quarter at a random time. */
function span(days: number): Filter {
  return ({ next }) => {
    const from = Date.now() - days * DAY_MS - next() * (SPAN_MS - days * DAY_MS);
    return { from: new Date(from).toISOString(), to: new Date(from + days * DAY_MS).toISOString() };
  };
}

const always =
  (options: RecordingListOptions): Filter =>
  () =>
    options;

function all(...filters: readonly Filter[]): Filter {
  return (draw) => Object.assign({}, ...filters.map((filter) => filter(draw))) as RecordingListOptions;
}

const FILTERS: Readonly<Record<string, Filter>> = {
  'no filter': always({}),
  'a day': span(1),
  'direction inbound': always({ direction: 'inbound' }),
  'direction internal': always({ direction: 'internal' }),
  'language common': always({ language: 'en-GB' }),
  'language rare': always({ language: RARE }),
  'language none': always({ language: 'xx' }),
  'length, many': always({ minMs: 600_000 }),
  'length, few': always({ minMs: 4_000_000 }),
  'length, some': always({ maxMs: 2_200 }),
  'length, none': always({ minMs: ENDLESS_MS }),
  'state available': always({ state: 'available' }),
  'state quarantined': always({ state: 'quarantined' }),
  'state erased': always({ state: 'erased' }),
  'state expected': always({ state: 'expected' }),
  'internal + rare language': always({ direction: 'internal', language: RARE }),
  'quarantined + rare language': always({ state: 'quarantined', language: RARE }),
  'quarantined + outbound + length': always({ state: 'quarantined', direction: 'outbound', minMs: 600_000 }),
  'erased + length, none': always({ state: 'erased', minMs: ENDLESS_MS }),
  'a quarter + length, none': all(span(90), always({ minMs: ENDLESS_MS })),
  'a month + quarantined': all(span(30), always({ state: 'quarantined' })),
  'outbound + language + length': always({ direction: 'outbound', language: 'zh-CN', minMs: 1_200_000 }),
};

const SEARCHES: Readonly<Record<string, (draw: Random, recordings: number) => SearchTerms>> = {
  'number, hit': ({ below }, recordings) => ({ number: callerNumber(below(Math.floor(recordings / 4))) }),
  'number of a line': ({ below }) => ({ number: lineNumber(below(20)) }),
  'number, none': ({ below }) => ({ number: `+4930${9_000_000 + below(999_999)}` }),
  'last four digits': ({ below }) => ({ numberEnd: String(below(10_000)).padStart(4, '0') }),
  agent: ({ below }) => ({ agent: agentName(below(AGENTS)) }),
  'agent, none': () => ({ agent: 'nobody' }),
  queue: ({ below }) => ({ queue: queueName(below(QUEUES)) }),
  'queue, the busiest': () => ({ queue: queueName(0) }),
  'agent + queue': ({ below }) => ({ agent: agentName(below(20)), queue: queueName(0) }),
  'agent + queue, none': () => ({ agent: agentName(150), queue: queueName(0) }),
  'agent + line': ({ below }) => ({ agent: agentName(below(AGENTS)), number: lineNumber(below(20)) }),
  ticket: ({ below }, recordings) => ({ ticket: `T-${below(recordings)}` }),
  'number + queue': ({ below }, recordings) => ({
    number: callerNumber(below(Math.floor(recordings / 4))),
    queue: queueName(below(QUEUES)),
  }),
};

/** A busy queue beside each filter that the console offers. */
const BESIDE_QUEUE = [
  ...['a day', 'state quarantined', 'state erased', 'state expected', 'length, none', 'length, few'],
  ...['language rare', 'direction internal', 'quarantined + rare language', 'a month + quarantined'],
];

/** Lists and searches of a seeded deployment, by the usual reviewer where nothing else is said. */
export function listOperations(seeded: SeededDeployment, vault: Vault, draw: Random): Operation[] {
  const { request, usual, heavy, fresh, recordings } = seeded;
  const list = async (by: Caller, filter: RecordingListOptions, after: RecordingCursor | null): Promise<number> =>
    (await listRecordings(vault, by, filter, after, LIMIT, request)).recordings.length;
  // A caller who is used once: the budget of searches without a match does not end the bench.
  const someone = (): Caller => ({ ...usual, principal: newId('usr') });
  const search = async (terms: SearchTerms, filter: RecordingListOptions): Promise<number> =>
    (await searchRecordings(vault, someone(), terms, filter, null, LIMIT, request)).recordings.length;
  const deep = (): RecordingCursor => ({
    startedAt: new Date(Date.now() - draw.next() * SPAN_MS).toISOString(),
    id: 'rec_7',
  });
  const filterOf = (name: string): RecordingListOptions => FILTERS[name]?.(draw) ?? {};
  const mine: Operation[] = (['listen', 'pending', 'over'] as const).flatMap((access) => [
    { name: `list: mine=${access}, usual`, run: () => list(usual, { mine: access }, null) },
    { name: `list: mine=${access}, many requests`, run: () => list(heavy, { mine: access }, null) },
    { name: `list: mine=${access}, no requests`, run: () => list(fresh, { mine: access }, null) },
  ]);
  return [
    ...Object.keys(FILTERS).map((name) => ({ name: `list: ${name}`, run: () => list(usual, filterOf(name), null) })),
    { name: 'list: later page', run: () => list(usual, {}, deep()) },
    { name: 'list: later page of quarantined', run: () => list(usual, { state: 'quarantined' }, deep()) },
    ...mine,
    {
      name: 'list: mine=over + quarantined + rare language, many requests',
      run: () => list(heavy, { mine: 'over', state: 'quarantined', language: RARE }, null),
    },
    ...Object.entries(SEARCHES).map(([name, terms]) => ({
      name: `search: ${name}`,
      run: () => search(terms(draw, recordings), {}),
    })),
    ...BESIDE_QUEUE.map((name) => ({
      name: `search: queue + ${name}`,
      run: () => search({ queue: queueName(draw.below(6)) }, filterOf(name)),
    })),
    {
      name: 'search: last four digits + quarantined',
      run: () => search({ numberEnd: String(draw.below(10_000)).padStart(4, '0') }, { state: 'quarantined' }),
    },
    {
      name: 'search: agent + quarantined',
      run: () => search({ agent: agentName(draw.below(AGENTS)) }, { state: 'quarantined' }),
    },
    {
      name: 'search: queue + mine=over, usual',
      run: async () =>
        (
          await searchRecordings(
            vault,
            usual,
            { queue: queueName(draw.below(6)) },
            { mine: 'over' },
            null,
            LIMIT,
            request,
          )
        ).recordings.length,
    },
    { name: 'search: line + erased', run: () => search({ number: lineNumber(draw.below(20)) }, { state: 'erased' }) },
  ];
}
