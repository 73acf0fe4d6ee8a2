// The statements of what callvault does most: a deposit, a decision, a session and a range of its audio.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countStatements } from '../support/count-statements.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';
import { wishFor } from './keyed.ts';

/** As many as before transactions took their time from one log, and before sources belonged to services. */
const STATEMENTS = { deposit: 36, request: 10, approval: 12, session: 9, range: 7 };

describe('the statements of a call', () => {
  const statements = countStatements();
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(async () => {
    statements.end();
    await world?.end();
  });

  /** A call from its deposit to a range of its audio: the statements of each step. */
  const played = async (call: string): Promise<Record<string, number>> => {
    const { harbour } = world;
    const counted: Record<string, number> = {};
    const step = async <T>(name: string, status: number, send: () => Promise<Response>): Promise<T | null> => {
      statements.take();
      const reply = await send();
      expect(reply.status, name).toBe(status);
      const body = name === 'range' ? await reply.arrayBuffer().then(() => null) : ((await reply.json()) as T);
      counted[name] = statements.take();
      return body;
    };
    const { key } = harbour.reviewer;
    const made = await step<{ recording: string }>('deposit', 201, () =>
      world.ingest(harbour, call, wav(16_000), { 'vault-meta-agent': 'A1', 'vault-meta-queue': 'Q' }),
    );
    const asked = await step<{ id: string }>('request', 201, () =>
      world.call('POST', '/v1/access-requests', { key, json: wishFor(made?.recording ?? '') }),
    );
    const approved = await step<{ grant: { id: string } }>('approval', 200, () =>
      world.call('POST', `/v1/access-requests/${asked?.id}/approve`, { key: harbour.supervisor.key }),
    );
    const opened = await step<{ id: string }>('session', 201, () =>
      world.call('POST', `/v1/grants/${approved?.grant.id}/sessions`, { key }),
    );
    const headers = { range: 'bytes=0-4095' };
    await step('range', 206, () => world.call('GET', `/v1/sessions/${opened?.id}/media`, { key, headers }));
    return counted;
  };

  it('are no more than these', async () => {
    // The first opens windows of events and binds the source; the second reads whose it is.
    await played('first');
    await played('second');
    expect(await played('third')).toEqual(STATEMENTS);
  });
});
