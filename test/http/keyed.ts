// Requests with an Idempotency-Key in a world with one recording, and what they leave.
import { wav } from '../support/wav.ts';
import { type Cast, type KeyHolder, makeWorld, type World } from '../support/world.ts';

/** An access request that the first policy allows a reviewer. */
export const wishFor = (id: string) => ({ recording: id, purpose: 'quality', reason: 'weekly sample', minutes: 15 });

/** Deposits a call and returns its recording. */
export async function recordingOf(world: World, cast: Cast): Promise<string> {
  return world.deposited(cast, 'call', wav(1000));
}

/** What a repeated reply has in common with the first one. */
export async function said(reply: Response) {
  const header = (name: string) => reply.headers.get(name);
  return {
    status: reply.status,
    body: await reply.text(),
    location: header('location'),
    audit: header('vault-audit'),
    type: header('content-type'),
    cache: header('cache-control'),
  };
}

export type Keyed = Awaited<ReturnType<typeof makeKeyed>>;

/** A world with a recording of Harbour Bank. */
export async function makeKeyed() {
  const world = await makeWorld({ signed: true });
  const recording = await recordingOf(world, world.harbour);
  const keys = () => world.sql.prepare('select * from idempotency').all() as Record<string, unknown>[];
  const events = () => world.sql.prepare('select count(*) from audit_event').pluck().get() as number;
  return {
    world,
    recording,
    /** Sends a POST with a key. */
    post: (who: KeyHolder, path: string, key: string, json?: unknown) =>
      world.call('POST', path, {
        key: who.key,
        headers: { 'idempotency-key': key },
        json,
      }),
    /** Asks for the recording without a key and returns the request's id. */
    asked: async (): Promise<string> => {
      const json = wishFor(recording);
      const reply = await world.call('POST', '/v1/access-requests', { key: world.harbour.reviewer.key, json });
      return ((await reply.json()) as { id: string }).id;
    },
    /** The rows of the table. */
    keys,
    /** How many events all logs have. */
    events,
    /** Everything that a request can leave. */
    all: async () => [await world.snapshot(true), events()] as const,
  };
}
