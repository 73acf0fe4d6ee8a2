// Listening over HTTP: peaks, served ranges, activity of a recording.
import { describe, expect, it } from 'vitest';
import { CALL, freshOpenedCall } from '../support/opened-call.ts';
import { expectProblem } from './problem.ts';

type View = {
  readonly state: string;
  readonly reason: string | null;
  readonly heard: readonly (readonly [number, number])[];
  readonly heard_percent: number | null;
  readonly watermark: { readonly person: string; readonly at: string; readonly grant: string };
};

const opened = freshOpenedCall();
const hear = async (from: number, to: number, of = opened.session) => {
  const reply = await opened.get(`/v1/sessions/${of}/media`, 'reviewer', { range: `bytes=${from}-${to - 1}` });
  return (await reply.arrayBuffer()).byteLength;
};
const view = async (of = opened.session) => (await (await opened.get(`/v1/sessions/${of}`)).json()) as View;
const end = (of = opened.session) =>
  opened.world.call('DELETE', `/v1/sessions/${of}`, { key: opened.harbour.reviewer.key });

describe('the peaks of a session', () => {
  it('equal the stored object, are not cached, and are counted', async () => {
    const before = opened.world.sql.prepare('select ranges, bytes from session').get() as {
      ranges: number;
      bytes: number;
    };
    const reply = await opened.get(`/v1/sessions/${opened.session}/peaks`);
    expect([reply.status, reply.headers.get('content-type'), reply.headers.get('cache-control')]).toEqual([
      200,
      'application/vnd.callvault.peaks',
      'no-store, no-transform',
    ]);
    const bytes = Buffer.from(await reply.arrayBuffer());
    expect([bytes.toString('latin1', 0, 4), bytes[4], bytes[5], bytes.readUInt16LE(6)]).toEqual(['CVPK', 1, 1, 50]);
    expect(bytes).toHaveLength(12 + bytes.readUInt32LE(8) * 2);
    expect(bytes.readUInt32LE(8)).toBe(120 * 20);
    const after = opened.world.sql.prepare('select ranges, bytes from session').get() as typeof before;
    expect(after).toEqual({ ranges: before.ranges + 1, bytes: before.bytes + bytes.length });
    expect((await view()).heard).toEqual([]);
  });

  it('are not found for a call without measured peaks', async () => {
    const mp3 = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), Buffer.alloc(9_000)]);
    const put = { key: opened.harbour.uploader.key, type: 'audio/mpeg', body: mp3 };
    const made = (await (await opened.world.call('PUT', '/v1/ingest/pbx/mp3', put)).json()) as { recording: string };
    const other = await opened.world.session(opened.harbour, await opened.world.grant(opened.harbour, made.recording));
    await expectProblem(await opened.get(`/v1/sessions/${other}/peaks`), 404, 'not_found');
    expect(await hear(0, 9_010, other)).toBe(9_010);
    expect(await view(other)).toMatchObject({ state: 'live', heard: [], heard_percent: null });
    await end(other);
    const leaves = opened.world.sql.prepare('select leaf from audit_event order by seq').pluck().all() as Buffer[];
    const ended = leaves.map((leaf) => JSON.parse(leaf.toString())).filter(({ action }) => action === 'session.ended');
    // Bytes were served, and their part of the call is unknown.
    expect(ended[0].object).toMatchObject({ ranges: 1, bytes: 9_010 });
    expect(ended[0].object).not.toHaveProperty('heard_ms');
  });
});

describe('a session', () => {
  it('shows the merged served ranges of all sessions of its holder on the recording', async () => {
    expect(await view()).toMatchObject({ state: 'live', reason: null, heard: [], heard_percent: 0 });
    // Ten seconds from the beginning, the same again, the next five, and some much later.
    for (const [from, to] of [
      [0, 160_000],
      [0, 160_000],
      [160_000, 240_000],
      [1_600_000, 1_760_000],
    ] as const)
      expect(await hear(from, to)).toBe(to - from);
    const [first, last] = (await view()).heard;
    expect(first?.[0]).toBe(0);
    // The 44-byte header accounts for three milliseconds.
    expect(first?.[1]).toBeGreaterThan(14_990);
    expect(first?.[1]).toBeLessThanOrEqual(15_000);
    expect(last?.map((at) => Math.round(at / 100))).toEqual([1_000, 1_100]);
    expect((await view()).heard_percent).toBe(21);

    const again = await opened.world.session(opened.harbour, opened.grant);
    expect(await hear(240_000, 320_000, again)).toBe(80_000);
    const seen = await view(again);
    expect(seen.heard.map(([, to]) => Math.round(to / 1000))).toEqual([20, 110]);
    expect(seen.watermark).toMatchObject({ person: 'Rita', grant: opened.grant });
    expect(Math.abs(Date.parse(seen.watermark.at) - Date.now())).toBeLessThan(60_000);
  });

  it('serves at most a piece at a time, and counts each when it is sent', async () => {
    expect(await hear(0, CALL.length)).toBeLessThan(500_000);
    expect((await view()).heard_percent).toBe(25);
    const reply = await opened.get(`/v1/sessions/${opened.session}/media`);
    expect((await reply.arrayBuffer()).byteLength).toBe(CALL.length);
    expect(await view()).toMatchObject({ heard: [[0, 120_000]], heard_percent: 100 });
  });

  it('that has ended shows the reason and the served part of the call', async () => {
    await hear(0, 160_044);
    expect((await end()).status).toBe(200);
    expect(await view()).toMatchObject({ state: 'ended', reason: 'closed', heard: [[0, expect.any(Number)]] });
    const summary = (await opened.activity()).data.find(({ action }) => action === 'session.ended');
    expect(summary).toMatchObject({
      session: opened.session,
      grant: opened.grant,
      reason_code: 'closed',
      seconds: expect.any(Number),
    });
    expect(Math.round(Number(summary?.['heard_ms']) / 100)).toBe(100);

    const other = await opened.world.session(opened.harbour, opened.grant);
    opened.world.forward(16 * 60_000);
    expect(await view(other)).toMatchObject({ state: 'ended', reason: 'expired' });
  });
});

describe('the activity of a recording', () => {
  it('is listed newest first, with names, in pages, without content', async () => {
    await hear(0, 16_000);
    await end();
    const all = (await opened.activity('?limit=200')).data;
    const told = all.map(({ action, actor }) => [action, actor.name]);
    expect(told).toEqual([
      ['activity.read', 'Sue'],
      ['session.ended', 'Rita'],
      ['session.opened', 'Rita'],
      ['access.approved', 'Sue'],
      ['access.requested', 'Rita'],
      ['deposit.available', 'pbx'],
      ['deposit.committing', 'pbx'],
      ['deposit.started', 'pbx'],
      ['recording.created', 'pbx'],
    ]);
    expect(all[2]).toMatchObject({ purpose: 'quality', session: opened.session, grant: opened.grant, heard_ms: null });
    const [first, second] = [
      await opened.activity('?limit=4'),
      await opened.activity(`?limit=200&cursor=${all[3]?.['index']}`),
    ];
    expect([...first.data, ...second.data]).toEqual(all);
    expect(first.next_cursor).toBe(String(all[3]?.['index']));
    expect(second.next_cursor).toBeNull();
  });

  it.each(['reviewer', 'supervisor', 'privacy', 'auditor'] as const)('is visible to a %s', async (who) => {
    expect((await opened.activity('', who)).data.map(({ action }) => action)).toContain('session.opened');
  });

  it('is still visible after its erasure', async () => {
    const { eraseRecording } = await import('../../src/vault/erasure/erase-recording.ts');
    const { operatorActor } = await import('../../src/vault/core/events/events.ts');
    const what = { tenant: opened.harbour.tenant, recording: opened.recording, reason: 'request' } as const;
    await eraseRecording(opened.world.vault, operatorActor('op-1'), what, { signal: AbortSignal.timeout(600_000) });
    const [last, , ended] = (await opened.activity()).data;
    expect(last).toMatchObject({ action: 'activity.read' });
    expect([ended?.['action'], ended?.['reason_code'], ended?.actor]).toEqual([
      'grant.revoked',
      'erased',
      { id: 'op-1', type: 'operator', name: null },
    ]);
  });
});
