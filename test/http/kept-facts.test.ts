// What a platform sends and the vault does not take: each reply names it, with the reason.
import { describe, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import { freshWorld } from '../support/worlds.ts';

type Reply = { readonly set?: readonly string[]; readonly kept?: readonly object[] };

const world = freshWorld();
const patch = async (call: string, json: object): Promise<Reply> =>
  (await (
    await world.call('PATCH', `/v1/ingest/pbx/${call}`, { key: world.harbour.uploader.key, json })
  ).json()) as Reply;
const upload = async (call: string, headers = {}, seconds = 1): Promise<Reply> =>
  (await (await world.ingest(world.harbour, call, wav(16_000 * seconds), headers)).json()) as Reply;

describe('a patch', () => {
  it('that sets another start names it, and the one that is known', async () => {
    await upload('start', { 'vault-meta-started-at': '2026-11-20T15:40:00Z' });
    expect(await patch('start', { started_at: '2026-11-20T07:40:00Z', queue: 'q' })).toMatchObject({
      set: ['queue'],
      kept: [{ member: 'started_at', reason: 'known_already' }],
    });
    expect(await patch('start', { started_at: '2026-11-20T15:40:00Z' })).toMatchObject({
      set: [],
      kept: [{ member: 'started_at', reason: 'unchanged' }],
    });
  });

  it('names what a person, a later record, and the end of retention outrank', async () => {
    const id = await world.deposited(world.harbour, 'ranks', wav(16_000));
    const { key } = world.harbour.supervisor;
    const seen = await world.call('GET', `/v1/recordings/${id}`, { key });
    const headers = { 'if-match': seen.headers.get('etag') ?? '' };
    const json = { reason: 'typo', agent: 'Li Wei' };
    expect((await world.call('PATCH', `/v1/recordings/${id}`, { key, headers, json })).status).toBe(200);
    const first = { numbers: { from: '13812345678', to: '400' }, retain_until: '2040-01-01T00:00:00Z' };
    expect((await patch('ranks', { ...first, basis: { kind: 'contract' } })).kept).toEqual([]);
    const late = { numbers: { from: '139', to: '400' }, agent: 'Bo', basis: { kind: 'consent' } };
    const body = { ...late, retain_until: '2039-01-01T00:00:00Z', as_of: '2020-01-01T00:00:00Z' };
    expect((await patch('ranks', body)).kept).toEqual([
      { member: 'numbers/from', reason: 'newer_known' },
      { member: 'numbers/to', reason: 'unchanged' },
      { member: 'agent', reason: 'corrected_by_person' },
      { member: 'basis', reason: 'known_already' },
      { member: 'retain_until', reason: 'not_later' },
    ]);
  });

  it('with a pause that ends after the audio takes the rest', async () => {
    await upload('pauses');
    const pause = (end: number) => [{ start_ms: 0, end_ms: end, reason: 'privacy' }];
    expect(await patch('pauses', { pauses: pause(99_999_999), queue: 'q' })).toMatchObject({
      set: ['queue'],
      kept: [{ member: 'pauses', reason: 'beyond_audio' }],
    });
    // Clocks differ: two seconds more are a pause until the end.
    expect(await patch('pauses', { pauses: pause(2_500) })).toMatchObject({ set: ['pauses'], kept: [] });
  });
});

describe('an upload', () => {
  it.each([
    ['in-one-part', 1],
    ['in-two-parts', 530],
  ])('%s names the header that lost to an earlier record', async (call, seconds) => {
    await patch(call, { started_at: '2026-11-20T07:40:00Z', agent: 'Ann' });
    const headers = { 'vault-meta-started-at': '2026-11-20T15:40:00Z', 'vault-meta-agent': 'Bo' };
    expect((await upload(call, headers, seconds)).kept).toEqual([{ member: 'started_at', reason: 'known_already' }]);
  });

  it('that sets all says nothing', async () => {
    expect(await upload('whole', { 'vault-meta-agent': 'Bo' })).not.toHaveProperty('kept');
  });
});
