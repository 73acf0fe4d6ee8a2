// No event, no effect: while the log cannot grow, nothing changes and nothing is served.
import { expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import { freshWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = freshWorld();

/** Blocks the log for events whose leaf contains this text. */
function jam(text: string): void {
  const when = `instr(cast(new.leaf as text), '${text}') > 0`;
  world.sql.exec(`create trigger jam before insert on audit_event when ${when} begin select raise(abort, 'jam'); end`);
}
const free = (): void => {
  world.sql.exec('drop trigger jam');
};

/** A session, and a function that hears the first bytes of its call. */
async function listen() {
  const made = (await (await world.ingest(world.harbour, 'call', wav(1000))).json()) as { recording: string };
  const session = await world.session(world.harbour, await world.grant(world.harbour, made.recording));
  const sent = { key: world.harbour.reviewer.key, headers: { range: 'bytes=0-9' } };
  return { session, hear: () => world.call('GET', `/v1/sessions/${session}/media`, sent) };
}

it.each(['deposit.started', 'deposit.committing'])(
  'a deposit whose %s cannot be logged is not stored',
  async (action) => {
    for (const size of [1000, 9_000_000]) {
      const before = await world.snapshot();
      jam(action);
      await expectProblem(await world.ingest(world.harbour, 'call', wav(size)), 503, 'audit_unavailable');
      expect(await world.snapshot()).toEqual(before);
      free();
    }
    expect((await world.ingest(world.harbour, 'call', wav(1000))).status).toBe(201);
  },
);

it('a deposit that is committing when the log fails is completed by a later attempt', async () => {
  jam('deposit.available');
  await expectProblem(await world.ingest(world.harbour, 'call', wav(9_000_000)), 503, 'audit_unavailable');
  const list = async () =>
    (await (await world.call('GET', '/v1/recordings', { key: world.harbour.reviewer.key })).json()) as {
      data: unknown[];
    };
  expect((await list()).data).toEqual([]);
  free();
  await expectProblem(await world.ingest(world.harbour, 'call', wav(9_000_000)), 503, 'upload_in_progress');
  world.forward(61_000);
  await expectProblem(await world.ingest(world.harbour, 'call', wav(9_000_000, 2)), 422, 'call_differs');
  expect((await world.ingest(world.harbour, 'call', wav(9_000_000))).status).toBe(200);
  expect((await list()).data).toHaveLength(1);
});

it('a stream that can no longer be logged is cut within a piece after a second, and works again once the log grows', async () => {
  const made = (await (await world.ingest(world.harbour, 'call', wav(9_000_000))).json()) as { recording: string };
  const session = await world.session(world.harbour, await world.grant(world.harbour, made.recording));
  const hear = () => world.call('GET', `/v1/sessions/${session}/media`, { key: world.harbour.reviewer.key });
  const reader = (await hear()).body?.getReader();
  let heard = (await reader?.read())?.value?.length ?? 0;
  const before = await world.snapshot(true);
  jam('{');
  world.forward(1_000);
  const rest = async (): Promise<void> => {
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) heard += next.value.length;
  };
  await expect(rest()).rejects.toThrow();
  expect(heard).toBeLessThan(2 * 480_100);
  await expectProblem(await hear(), 503, 'audit_unavailable');
  expect(await world.snapshot(true)).toEqual(before);
  free();
  expect((await (await hear()).arrayBuffer()).byteLength).toBe(9_000_044);
});

it('within a second of the jam of the log nothing more is served', async () => {
  const { session, hear } = await listen();
  expect((await hear()).status).toBe(206);
  jam('{');
  const jammed = performance.now();
  const late: number[] = [];
  let counted = 0;
  while (late.length < 5) {
    const began = performance.now();
    const { status } = await hear();
    if (began - jammed >= 1_000) late.push(status);
    if (status === 206) counted++;
  }
  expect(late).toEqual([503, 503, 503, 503, 503]);
  const row = world.sql.prepare('select ranges from session where id = ?').get(session) as { ranges: number };
  // What was served in that second was counted first.
  expect(row.ranges).toBe(counted + 1);
  free();
  expect((await hear()).status).toBe(206);
});

it('nothing is served that cannot be counted, though the log was proven just before', async () => {
  const { hear } = await listen();
  expect((await hear()).status).toBe(206);
  // An integer overflow: the statement fails as on a damaged table.
  world.sql.exec('create trigger stuck before update on session begin select abs(-9223372036854775807 - 1); end');
  for (const reply of await Promise.all([1, 2, 3, 4].map(hear)))
    await expectProblem(reply, 503, 'database_unavailable');
  world.sql.exec('drop trigger stuck');
  expect((await hear()).status).toBe(206);
});

it('a session that cannot be logged does not use its grant', async () => {
  const made = (await (await world.ingest(world.harbour, 'call', wav(1000))).json()) as { recording: string };
  const grant = await world.grant(world.harbour, made.recording);
  const open = () => world.call('POST', `/v1/grants/${grant}/sessions`, { key: world.harbour.reviewer.key });
  jam('session.opened');
  for (let n = 0; n < 5; n++) await expectProblem(await open(), 503, 'audit_unavailable');
  free();
  const statuses: number[] = [];
  for (let n = 0; n < 4; n++) statuses.push((await open()).status);
  expect(statuses).toEqual([201, 201, 201, 403]);
});
