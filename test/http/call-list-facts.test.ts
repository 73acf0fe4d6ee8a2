// Lines of a call list whose facts cannot be filled in: the others are taken, and their calls are expected all the same.
import { describe, expect, it } from 'vitest';
import { reportMissing } from '../../src/vault/completeness/report-missing.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { quarantineDamaged } from '../../src/vault/verify/quarantine.ts';
import { ENGINES } from '../support/engines.ts';
import { freshErasureWorld } from '../support/erasure-world.ts';
import { wav } from '../support/wav.ts';

type Taken = { readonly created: number; readonly updated: number; readonly errors: readonly object[] };

const START = new Date(Date.now() - 36 * 3_600_000).toISOString();

describe.each(ENGINES)('a line of a call list over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  const take = async (...lines: readonly string[]): Promise<Taken> => {
    const { key } = world.harbour.uploader;
    const what = { key, type: 'text/csv', body: Buffer.from(lines.join('\n')) };
    const reply = await world.call('POST', '/v1/call-lists?source=pbx', what);
    expect([reply.status, await reply.clone().text()]).toEqual([200, expect.any(String)]);
    return (await reply.json()) as Taken;
  };
  const request = { signal: AbortSignal.timeout(600_000), req: 'req_test' } as Parameters<typeof reportMissing>[1];

  it.skipIf(!present)('with too many or too long facts is rejected alone', async () => {
    const names = [...Array(32).keys()].map((n) => `field.f${n}`);
    const many = names.map(() => 'x').join();
    expect(await take(`call_id,started_at,${names.join()}`, `full,${START},${many}`)).toMatchObject({ created: 1 });
    const taken = await take(`call_id,started_at,field.more`, `first,${START},`, `full,${START},y`, `last,${START},y`);
    const tooMany = { line: 3, code: 'metadata_invalid', columns: [] };
    expect(taken).toMatchObject({ created: 2, errors: [tooMany] });
    const long = names.map(() => '话'.repeat(256)).join();
    const more = await take(
      `call_id,started_at,agent,queue,${names.join()}`,
      `long,${START},${'张'.repeat(128)},${'队'.repeat(128)},${long}`,
      `short,${START},a,b,${many}`,
    );
    expect(more).toMatchObject({ created: 1, errors: [{ line: 2, code: 'metadata_invalid' }] });
    // What was in a list before is still expected.
    expect(await reportMissing(world.vault, request)).toBe(4);
  });

  it.skipIf(!present)('of a damaged recording fills in nothing, and the others are taken', async () => {
    const { tenant } = world.harbour;
    const id = await world.deposited(world.harbour, 'bad', wav(16_000), { 'vault-meta-started-at': START });
    await quarantineDamaged(world.vault, operatorActor('op-1'), tenant, id, request);
    const taken = await take('call_id,started_at,agent', `new,${START},Otto`, `bad,${START},Otto`);
    expect(taken).toMatchObject({ created: 1, updated: 1, errors: [] });
  });
});
