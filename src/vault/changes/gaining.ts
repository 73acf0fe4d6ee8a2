// Who would gain by a change: none of them approves it.
import type { ChangeBody } from '../../model/change/body.ts';
import { isCommandBody } from '../../model/change/body.ts';
import { gainersOf } from '../../model/change/command.ts';
import { changedIn } from '../../model/change/people.ts';
import { humansOf } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';

/** The people who gain by a change: those whom it changes, or the humans behind the principal that a command is for. */
export async function humansGaining(rows: Rows, tenant: string, body: ChangeBody): Promise<readonly string[]> {
  if (body.kind === 'people') return changedIn(body).map(({ id }) => id);
  return (await rows.principals.findMany(tenant, gainersIn(body))).flatMap((one) => humansOf(one));
}

/** The principals for whom a command is, or the officer who makes copies for a recorded person. */
export function gainersIn(body: ChangeBody): readonly string[] {
  if (body.kind === 'answer') return body.copies === undefined ? [] : [body.copies.officer];
  return isCommandBody(body) ? gainersOf(body) : [];
}
