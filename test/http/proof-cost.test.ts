// What decisions by passkey cost the database, from the challenge to the reply. Before proofs, one took a step-up
// (18 statements, 24 round trips) and the approval by itself (12 and 9: query-counts.test.ts). The figures are ceilings:
// lower one with the change that makes it cheaper.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SteppingUp, withPasskey } from '../support/changes.ts';
import { needs } from '../support/needs.ts';
import { decideWithProof, signedDecisions } from '../support/proofs.ts';
import { countQueries, type QueryCounts } from '../support/query-counts.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { wavOf } from '../support/vault.ts';
import { makeWorld, type World } from '../support/world.ts';

const CEILINGS = {
  'one approval': { statements: 24, reads: 6, writes: 2, roundTrips: 15 },
  'fifty approvals': { statements: 269, reads: 6, writes: 2, roundTrips: 15 },
} as const satisfies Readonly<Record<string, QueryCounts>>;
type CallName = keyof typeof CEILINGS;

describe.each([
  { engine: 'sqlite', present: true, reason: '' },
  { engine: 'postgresql', ...needs('postgresql') },
] as const)('by passkey, on $engine $reason', ({ engine, present }) => {
  let world: World;
  const spent = new Map<CallName, Awaited<ReturnType<typeof countQueries>>>();

  beforeAll(async () => {
    if (!present) return;
    world = await makeWorld(engine === 'sqlite' ? {} : { postgres: await freshDatabase(await serverOf(engine)) });
    const { harbour } = world;
    const recording = await world.deposited(harbour, 'call', wavOf(4_000));
    const { id } = await world.person(harbour.tenant, ['supervisor']);
    const boss: SteppingUp = await withPasskey(world, harbour.tenant, id);
    const ask = async (): Promise<string> => {
      const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
      const reply = await world.call('POST', '/v1/access-requests', { key: harbour.reviewer.key, json });
      return ((await reply.json()) as { id: string }).id;
    };
    const ok = async (call: Promise<Response>): Promise<void> => {
      const reply = await call;
      if (reply.status !== 200) throw new Error(`${reply.status} ${await reply.text()}`);
    };
    const counted = async (name: CallName, work: () => Promise<void>): Promise<void> => {
      spent.set(name, await countQueries(work));
    };
    // Once to open the windows of counted events and the connections, once to count.
    for (let n = 0; n < 2; n++) {
      const one = await ask();
      const many = await Promise.all(Array.from({ length: 50 }, ask));
      await counted('one approval', () => ok(decideWithProof(boss, { request: one, decision: 'approve' })));
      await counted('fifty approvals', async () => {
        const json = await signedDecisions(
          boss,
          many.map((request) => ({ request, decision: 'approve' })),
        );
        await ok(boss.browser.call('POST', '/v1/access-requests/decide', { json }));
      });
    }
  });
  afterAll(() => world?.end());

  it.skipIf(!present).each(Object.keys(CEILINGS) as CallName[])('%s cost no more than before', (name) => {
    const found = spent.get(name);
    const most = engine === 'sqlite' ? { ...CEILINGS[name], roundTrips: 0 } : CEILINGS[name];
    const over = Object.entries(most).filter(([what, ceiling]) => (found?.counted[what as never] ?? 0) > ceiling);
    expect(over, `${JSON.stringify(found?.counted)}\n${found?.texts.join('\n')}`).toEqual([]);
    expect(found?.counted.statements).toBeGreaterThan(0);
  });
});
