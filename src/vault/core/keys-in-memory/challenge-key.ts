// The key under which challenges are issued: one for the deployment, so that any of its processes takes the answer.
import { randomBytes } from 'node:crypto';
import type { Database } from '../../../ports/database.ts';
import type { RequestContext } from '../request-context.ts';

/** Returns the deployment's key; the first process that needs it makes it. Throws the database's errors. */
export type ChallengeKey = (request: RequestContext) => Promise<Uint8Array>;

/** The key of this process's database, read once. */
export function challengeKey({ db }: { readonly db: Pick<Database, 'note'> }): ChallengeKey {
  let known: Uint8Array | undefined;
  return async (request) => {
    known ??= await db.note((notes) => notes.signIns.challengeKey(randomBytes(32)), request);
    return known;
  };
}
