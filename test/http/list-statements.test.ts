// The statements of a page of recordings: as many for twelve recordings as for two, and no more than stated here.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countStatements } from '../support/count-statements.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

const RECORDINGS = 12;

describe('a page of recordings', () => {
  const statements = countStatements();
  let world: World;

  /** The statements of a call, once its windows of events are open. */
  const statementsOf = async (limit: number, path: string, json?: object): Promise<number> => {
    const { reviewer } = world.harbour;
    const send = async (): Promise<number> => {
      const reply =
        json === undefined
          ? await world.call('GET', `${path}?limit=${limit}`, { key: reviewer.key })
          : await world.call('POST', path, { key: reviewer.key, json: { ...json, limit } });
      expect(reply.status).toBe(200);
      return ((await reply.json()) as { data: unknown[] }).data.length;
    };
    await send();
    statements.take();
    expect(await send()).toBe(limit);
    return statements.take();
  };

  beforeAll(async () => {
    world = await makeWorld();
    for (let n = 0; n < RECORDINGS; n++) {
      const headers = { 'vault-meta-agent': 'A1', 'vault-meta-queue': 'Q' };
      const deposited = await world.ingest(world.harbour, `call-${n}`, wav(800), headers);
      const { recording } = (await deposited.json()) as { recording: string };
      await world.grant(world.harbour, recording);
    }
  });
  afterAll(async () => {
    statements.end();
    await world?.end();
  });

  it('is read by six statements besides authentication and its count, however many it has', async () => {
    // Credential with tenant; count; tenant with policy, page, deposits, requests with grants,
    // assigned grants, decisions, names.
    const two = await statementsOf(2, '/v1/recordings');
    expect(two).toBeLessThanOrEqual(9);
    expect(await statementsOf(RECORDINGS, '/v1/recordings')).toBe(two);
  });

  it('of a search takes one more, and two for each further term', async () => {
    const two = await statementsOf(2, '/v1/recordings/search', { agent: 'A1' });
    expect(await statementsOf(RECORDINGS, '/v1/recordings/search', { agent: 'A1' })).toBe(two);
    expect(await statementsOf(RECORDINGS, '/v1/recordings/search', { agent: 'A1', queue: 'Q' })).toBe(two + 2);
  });
});
