// Requests of seeded people: so many that a page of their past access does not begin with them.
import { openSeeded, type SeedTarget } from '../bench/rows/seed.ts';
import { TABLES } from '../bench/rows/tables.ts';

/** Repeats the requests of a person: so many that a page reads them all first, or even looks each recording up. */
function repeatRequests(person: string, times: number): string {
  const columns = TABLES.access_request.filter((column) => column !== 'id').join(', ');
  const numbers = Array.from({ length: times }, (_, n) => `(${n})`).join(', ');
  return `insert into access_request (id, ${columns}) select id || '_' || column1, ${columns}
    from access_request, (values ${numbers}) as numbers where requester = '${person}'`;
}

/** Gives the usual reviewer more than 1,000 requests, and the one with most more than 10,000. */
export async function moreRequests(
  target: SeedTarget,
  recordings: number,
  run: (statement: string) => unknown,
): Promise<void> {
  const seeded = await openSeeded(target, recordings);
  await run(repeatRequests(seeded.usual.principal, 20));
  await run(repeatRequests(seeded.heavy.principal, 25));
  await seeded.close();
}
