// The key that authenticates challenges: one per deployment, so that each of its processes accepts the answer.
import { randomBytes } from 'node:crypto';
import type { Database } from '../../../ports/database.ts';
import type { RequestContext } from '../request-context.ts';

/** Returns the deployment's key; the first process that needs it creates it. Throws the database's errors. */
export type ChallengeKey = (request: RequestContext) => Promise<Uint8Array>;

/** The challenge key in this process's database, read once. */
export function challengeKey({ db }: { readonly db: Pick<Database, 'note'> }): ChallengeKey {
  let known: Uint8Array | undefined;
  return async (request) => {
    known ??= await db.note((notes) => notes.signIns.challengeKey(randomBytes(32)), request);
    return known;
  };
}
