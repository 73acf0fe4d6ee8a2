// What is measured of completeness: counts of days and queues, and the calls behind a count.
import type { Caller } from '../../../src/model/principal.ts';
import { CALLS_OF, listCalls } from '../../../src/vault/completeness/list-calls.ts';
import { readCompleteness } from '../../../src/vault/completeness/read-counts.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { SPAN_MS } from './cast.ts';
import type { Operation } from './lists.ts';
import type { Random } from './random.ts';
import type { SeededDeployment } from './seed.ts';

const DAY_MS = 86_400_000;

/** Counts of a month by day and by queue, as a privacy officer and as the service see them, and calls of each count. */
export function completenessOperations(seeded: SeededDeployment, vault: Vault, draw: Random): Operation[] {
  const { request, supervisor, uploader } = seeded;
  const privacy: Caller = { ...supervisor, roles: ['privacy'] };
  const month = () => {
    const from = Date.now() - 31 * DAY_MS - draw.next() * (SPAN_MS - 31 * DAY_MS);
    return { from: dayOf(from), to: dayOf(from + 30 * DAY_MS) };
  };
  const counts = async (who: Caller, by: 'day' | 'queue') =>
    (await readCompleteness(vault, who, { ...month(), source: null, by }, request)).counts.length;
  const calls = async (what: (typeof CALLS_OF)[number], queue: string | null = null) => {
    const query = { ...month(), source: 'pbx', queue, what };
    const first = await listCalls(vault, privacy, query, null, 25, request);
    const last = first.at(-1);
    const rest = last === undefined ? [] : await listCalls(vault, privacy, query, last, 25, request);
    return first.length + rest.length;
  };
  return [
    { name: 'completeness: a month by day', run: () => counts(privacy, 'day') },
    { name: 'completeness: a month by queue', run: () => counts(privacy, 'queue') },
    { name: 'completeness: a month by day, as the service', run: () => counts(uploader, 'day') },
    { name: 'completeness: extra of a queue', run: () => calls('extra', 'queue 1') },
    ...CALLS_OF.map((what) => ({ name: `completeness: ${what}`, run: () => calls(what) })),
  ];
}

function dayOf(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}
