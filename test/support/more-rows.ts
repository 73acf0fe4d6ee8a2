// More rows of a seeded deployment: so many that a page does not begin with them.
import { openSeeded, type SeedTarget } from '../bench/rows/seed.ts';
import { TABLES } from '../bench/rows/tables.ts';

/** Repeats the requests of a person: so many that a page reads them all first, or even looks each recording up. */
function repeatRequests(person: string, times: number): string {
  const columns = TABLES.access_request.filter((column) => column !== 'id').join(', ');
  const numbers = Array.from({ length: times }, (_, n) => `(${n})`).join(', ');
  return `insert into access_request (id, ${columns}) select id || '_' || column1, ${columns}
    from access_request, (values ${numbers}) as numbers where requester = '${person}'`;
}

/**
 * Gives the usual reviewer more than 1,000 requests, and the one with most more than 10,000; and all calls of queues one
 * more agent, whose index has the value of a queue's.
 */
export async function moreRows(
  target: SeedTarget,
  recordings: number,
  run: (statement: string) => unknown,
): Promise<void> {
  const seeded = await openSeeded(target, recordings);
  await run(repeatRequests(seeded.usual.principal, 20));
  await run(repeatRequests(seeded.heavy.principal, 25));
  await run(`insert into blind_index (tenant, label, recording, started_at, value)
    select tenant, 'agent', recording, started_at, (select value from blind_index where label = 'queue' order by value limit 1)
    from blind_index where label = 'queue'`);
  await seeded.close();
}
