// Call lists over HTTP, before and after the audio, and the counts that follow from them, on both databases.
import { beforeEach, describe, expect, it } from 'vitest';
import { reportMissing } from '../../src/vault/completeness/report-missing.ts';
import { ENGINES } from '../support/engines.ts';
import { freshErasureWorld } from '../support/erasure-world.ts';
import { someEvent } from '../support/fixture-rows.ts';
import { wav } from '../support/wav.ts';
import { expectProblem } from './problem.ts';

type Taken = {
  readonly [name in 'lines' | 'created' | 'updated' | 'amended' | 'unchanged' | 'differing' | 'rejected']: number;
} & Readonly<Record<'errors' | 'repeats', readonly object[]>> & { readonly from: string; readonly to: string };
type Counts = { readonly day: string; readonly queue?: string | null } & { readonly [name: string]: number };

const HOUR = 3_600_000;

describe.each(ENGINES)('call lists over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  let key: string;
  let privacy: string;
  let tenant: string;
  let start: number;

  beforeEach(() => {
    key = world.harbour?.uploader.key ?? '';
    privacy = world.harbour?.privacy.key ?? '';
    tenant = world.harbour?.tenant ?? '';
    // Calls of the same local day, long enough ago.
    start = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 36 * HOUR;
  });

  const at = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();
  const send = (csv: string, by = key, source = 'pbx') =>
    world.call('POST', `/v1/call-lists?source=${source}`, { key: by, type: 'text/csv', body: Buffer.from(csv) });
  const take = async (csv: string): Promise<Taken> => {
    const reply = await send(csv);
    expect([reply.status, await reply.clone().text()]).toEqual([200, expect.any(String)]);
    return (await reply.json()) as Taken;
  };
  /** A second of audio has 8,000 bytes. */
  const upload = (call: string, headers: Readonly<Record<string, string>>, seconds = 1) =>
    world.deposited(world.harbour, call, wav(seconds * 16_000 - 44 > 0 ? seconds * 16_000 : 100), headers);
  /** A call of a time when its source belonged to another service. */
  const giveTo = (depositor: string, id: string) =>
    world.vault.db.change(
      async (tx) => {
        const recording = await tx.recordings.lock(tenant, id);
        if (recording === null || !(await tx.recordings.change(recording, { depositor })))
          throw new Error('there is no such recording');
        return { result: null, events: [someEvent(tenant)] };
      },
      { signal: AbortSignal.timeout(60_000) },
    );
  const metadata = (minutes: number, agent = 'Otto', queue = 'sales') => ({
    ...{ 'vault-meta-started-at': at(minutes), 'vault-meta-agent': agent, 'vault-meta-queue': queue },
    'vault-meta-direction': 'inbound',
  });
  const counts = async (by = 'day', asked = privacy): Promise<Counts[]> => {
    const [from, to] = [at(-2000).slice(0, 10), at(3000).slice(0, 10)];
    const reply = await world.call('GET', `/v1/completeness?from=${from}&to=${to}&by=${by}`, { key: asked });
    const body = (await reply.json()) as { data: Counts[]; sources: string[]; complete: boolean };
    expect([reply.status, body.sources, body.complete]).toEqual([200, ['pbx'], true]);
    return body.data;
  };
  const callsOf = async (what: string, asked = privacy, more = ''): Promise<(string | null)[]> => {
    const [from, to] = [at(-2000).slice(0, 10), at(3000).slice(0, 10)];
    const found: (string | null)[] = [];
    let cursor = '';
    for (;;) {
      const path = `/v1/completeness/calls?from=${from}&to=${to}&source=pbx&what=${what}&limit=2${cursor}${more}`;
      const reply = await world.call('GET', path, { key: asked });
      expect(reply.status).toBe(200);
      const body = (await reply.json()) as { data: { call_id: string | null }[]; next_cursor: string | null };
      found.push(...body.data.map((one) => one.call_id));
      if (body.next_cursor === null) return found;
      cursor = `&cursor=${body.next_cursor}`;
    }
  };
  const actions = async () => (await world.leaves(tenant)).map(({ action }) => action);

  const LIST = (): string =>
    [
      'call_id,started_at,duration_ms,agent,queue,direction,recorded',
      `good-1,${at(0)},1000,Otto,sales,inbound,yes`,
      `good-2,${at(1)},1000,OTTO,Sales,inbound,`,
      `short,${at(2)},61000,Otto,sales,inbound,`,
      `other-agent,${at(3)},1000,Eve,sales,inbound,`,
      `other-queue,${at(4)},1000,Otto,claims,inbound,`,
      `other-start,${at(5)},1000,Otto,sales,inbound,`,
      `missing-1,${at(6)},1000,Otto,sales,inbound,`,
      `missing-2,${at(7)},1000,Otto,claims,outbound,`,
      `missing-3,${at(8)},1000,Otto,,inbound,`,
      `not-recorded,${at(9)},0,,,,no`,
    ].join('\n');
  const uploadAll = async (): Promise<void> => {
    for (const [call, minutes] of [
      ['good-1', 0],
      ['good-2', 1],
      ['short', 2],
      ['other-agent', 3],
      ['other-queue', 4],
    ] as const)
      await upload(call, metadata(minutes));
    await upload('other-start', metadata(65));
    await upload('extra-1', metadata(10));
    await upload('extra-2', metadata(11, 'Eve', 'claims'));
    await upload('next-day', metadata(3000));
  };
  const expectPlanted = async (): Promise<void> => {
    const [day, next, ...rest] = await counts();
    expect(rest).toEqual([]);
    expect(day).toMatchObject({
      ...{ source: 'pbx', has_list: true, expected: 9, stored: 6, pending: 0, failed: 0, missing: 3 },
      ...{ short: 1, mismatch: 3, extra: 2 },
    });
    expect(next).toMatchObject({ has_list: false, expected: 0, extra: 0, delay_p50_ms: null });
    expect(await callsOf('missing')).toEqual(['missing-1', 'missing-2', 'missing-3']);
    expect(await callsOf('short')).toEqual(['short']);
    expect(await callsOf('mismatch')).toEqual(['other-agent', 'other-queue', 'other-start']);
    expect(await callsOf('extra')).toEqual(['extra-1', 'extra-2']);
    expect([await callsOf('pending'), await callsOf('failed')]).toEqual([[], []]);
    expect(await callsOf('missing', privacy, '&queue=claims')).toEqual(['missing-2']);
    expect(await callsOf('missing', privacy, '&queue=')).toEqual(['missing-3']);
    const cells = (await counts('queue')).filter((one) => one.day === day?.day);
    expect(cells.map(({ queue, expected, missing, extra }) => [queue, expected, missing, extra]).sort()).toEqual([
      [null, 1, 1, 0],
      ['claims', 1, 1, 1],
      ['sales', 7, 1, 1],
    ]);
  };

  it.skipIf(!present)('before the audio expect it, and count what is planted', async () => {
    const taken = await take(LIST());
    expect(taken).toMatchObject({
      lines: 10,
      created: 9,
      updated: 0,
      unchanged: 1,
      differing: 0,
      rejected: 0,
      errors: [],
    });
    await uploadAll();
    await expectPlanted();
    const before = await actions();
    expect(before.filter((one) => one === 'recording.listed')).toHaveLength(1);
    expect(await take(LIST())).toMatchObject({ created: 0, updated: 0, amended: 0, unchanged: 10, differing: 3 });
    expect(await actions()).toEqual(before);
    await expectPlanted();
  });

  it.skipIf(!present)('after the audio compare it, and count the same', async () => {
    await uploadAll();
    const taken = await take(LIST());
    expect(taken).toMatchObject({ created: 3, updated: 6, amended: 0, unchanged: 1, differing: 3, from: taken.to });
    await expectPlanted();
    const before = await actions();
    expect(await take(LIST())).toMatchObject({ created: 0, updated: 0, unchanged: 10 });
    expect(await actions()).toEqual(before);
  });

  it.skipIf(!present)('fill in what the audio came without, as entries, and replace nothing', async () => {
    const id = await upload('bare', { 'vault-meta-agent': 'Otto' });
    const csv = `call_id,agent,queue,from,interaction,field.tariff\nbare,Eve,sales,+442071838750,i-1,gold`;
    expect(await take(csv)).toMatchObject({ updated: 1, amended: 1, differing: 1 });
    const facts = await (await world.call('GET', `/v1/recordings/${id}`, { key: world.harbour.reviewer.key })).json();
    expect(facts).toMatchObject({ agent: 'Otto', queue: 'sales', interaction: 'i-1', fields: { tariff: 'gold' } });
    const entry = (await world.leaves(tenant)).find(({ action }) => action === 'recording.amended');
    expect(entry?.object).toMatchObject({ id, n: 1, set: 'numbers/from,queue,interaction,fields/tariff' });
    expect(await take(csv)).toMatchObject({ updated: 0, amended: 0, unchanged: 1 });
    // A person's correction settles the difference.
    const path = `/v1/recordings/${id}`;
    const read = await world.call('GET', path, { key: privacy });
    const json = { agent: 'eve', reason: 'the recorder was wrong' };
    const headers = { 'if-match': read.headers.get('etag') ?? '' };
    expect((await world.call('PATCH', path, { key: privacy, json, headers })).status).toBe(200);
    expect(await take(csv)).toMatchObject({ updated: 0, unchanged: 1, differing: 0 });
  });

  it.skipIf(!present)('wait for the audio an hour after the end of the call, then report it missing once', async () => {
    const now = Date.now();
    const csv = `call_id,started_at,duration_ms,queue\nlate,${new Date(now - 600_000).toISOString()},60000,sales`;
    await take(csv);
    const today = new Date(now - 600_000).toISOString().slice(0, 10);
    const count = async () =>
      (await (await world.call('GET', `/v1/completeness?from=${today}&to=${today}`, { key: privacy })).json()) as {
        data: Counts[];
      };
    expect((await count()).data).toMatchObject([{ expected: 1, pending: 1, missing: 0 }]);
    expect(await reportMissing(world.vault, world.request())).toBe(0);
    world.forward(HOUR);
    expect((await count()).data).toMatchObject([{ expected: 1, pending: 0, missing: 1 }]);
    expect(await reportMissing(world.vault, world.request())).toBe(1);
    expect(await reportMissing(world.vault, world.request())).toBe(0);
    const found = (await world.leaves(tenant)).filter(({ action }) => action === 'recording.missing');
    expect(found.map(({ object }) => object)).toMatchObject([{ id: tenant, source: 'pbx' }]);
    await upload('late', {});
    expect((await count()).data).toMatchObject([{ expected: 1, stored: 1, missing: 0 }]);
  });

  it.skipIf(!present)('go on after bad lines, and name them without a value', async () => {
    await giveTo(world.harbour.other.id, await upload('foreign', {}));
    const erased = await upload('gone', {});
    await world.erase(tenant, erased);
    const taken = await take('call_id,duration_ms\nfine,1\nwrong,1.5\n"bad"x,1\nforeign,1\ngone,1\nfine-2,2\nfine,1\n');
    expect(taken).toMatchObject({ lines: 7, created: 2, unchanged: 1, rejected: 4, repeated: 1, ended_at: null });
    expect(taken.repeats).toEqual([{ line: 8, first: 2 }]);
    expect(taken.errors).toEqual([
      {
        ...{ line: 3, code: 'metadata_invalid' },
        columns: [{ column: 'duration_ms', detail: 'must be whole milliseconds from 0 to 999999999' }],
      },
      { line: 4, code: 'malformed', columns: [] },
      { line: 5, code: 'call_key_taken', columns: [] },
      { line: 6, code: 'erased', columns: [] },
    ]);
    await expectProblem(await send('call_id,secret\nx,y'), 400, 'malformed');
    await expectProblem(await send('call_id\nx', key, 'p%20x'), 400, 'malformed');
    await expectProblem(await send('call_id\nx', privacy), 403, 'forbidden');
  });

  it.skipIf(!present)('say that all their starts differ from the recordings by one offset', async () => {
    for (const n of [0, 1, 2, 3]) await upload(`c-${n}`, metadata(n));
    const shifted = (by: (n: number) => number, count = 4) =>
      ['call_id,started_at', ...[...Array(count).keys()].map((n) => `c-${n},${at(n + by(n))}`)].join('\n');
    expect(await take(shifted(() => 480))).toMatchObject({ differing: 4, start_offset: '+08:00' });
    expect(await take(shifted(() => -330))).toMatchObject({ differing: 4, start_offset: '-05:30' });
    expect(await take(shifted(() => 0))).toMatchObject({ differing: 0, start_offset: null });
    expect(await take(shifted((n) => (n === 3 ? 0 : 480)))).toMatchObject({ differing: 3, start_offset: null });
    expect(await take(shifted(() => 7))).toMatchObject({ differing: 4, start_offset: null });
    expect(await take(shifted(() => 480, 2))).toMatchObject({ differing: 2, start_offset: null });
  });

  it.skipIf(!present)('are taken one at a time, each tenant for itself', async () => {
    let end: () => void = () => undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        stream.enqueue(Buffer.from('call_id\nfirst\n'));
        end = () => stream.close();
      },
    });
    const path = '/v1/call-lists?source=pbx';
    const first = world.call('POST', path, { key, type: 'text/csv', body });
    const busy = await send('call_id\nsecond\n', world.harbour.other.key, 'acd');
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '20']);
    await expectProblem(busy, 503, 'upload_in_progress');
    expect((await send('call_id\nthird\n', world.yunhai.uploader.key)).status).toBe(200);
    end();
    expect((await first).status).toBe(200);
    expect((await send('call_id\nsecond\n', world.harbour.other.key, 'acd')).status).toBe(200);
    // One that fails does not stay in the way.
    expect((await send('secret\n')).status).toBe(400);
    expect(await take('call_id\nfirst\n')).toMatchObject({ unchanged: 1, ended_at: null, repeated: 0 });
  });

  it.skipIf(!present)('take back what need not be recorded, and leave nothing of an erased call', async () => {
    const id = await upload('c-1', metadata(0));
    await take(`call_id,started_at,agent\nc-1,${at(0)},Eve\nc-2,${at(1)},Otto`);
    expect(await take('call_id,recorded\nc-1,no\nc-2,no\nc-3,no')).toMatchObject({ updated: 2, unchanged: 1 });
    expect(await counts()).toMatchObject([{ expected: 0, extra: 0 }]);
    await take(`call_id,started_at,agent\nc-1,${at(0)},Eve`);
    expect(await counts()).toMatchObject([{ expected: 1, stored: 1, mismatch: 1 }]);
    await world.erase(tenant, id);
    expect(await counts()).toEqual([]);
    const row = await world.read((rows) => rows.recordings.find(tenant, id));
    expect(row).toMatchObject({
      source: null,
      listed: null,
      listedAt: null,
      expectedMs: null,
      differs: [],
      audioDue: null,
      delayS: null,
    });
  });

  it.skipIf(!present)('show a service its own calls, and an administrator no ids of calls', async () => {
    await take(LIST());
    await uploadAll();
    expect((await counts('day', key))[0]).toMatchObject({ expected: 9, missing: 3, extra: 2 });
    expect(await callsOf('extra', key)).toEqual(['extra-1', 'extra-2']);
    expect((await counts('day', world.harbour.other.key))[0]).toMatchObject({ expected: 3, missing: 3 });
    expect(await callsOf('missing', world.harbour.admin.key)).toEqual([null, null, null]);
  });
});
