// The members of a basis over HTTP: from headers, in JSON, in later facts; and what no patch sets.
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { wav } from '../support/wav.ts';
import { freshWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = freshWorld();
const notice = newId('ntc');
let key: string;

beforeEach(() => {
  key = world.harbour.uploader.key;
});

const WHOLE = {
  ...{ kind: 'consent', at: '2026-11-20T08:00:00.000Z', language: 'zh-CN', evidence: 'IVR 4711' },
  ...{ notice: { id: notice, version: 2 }, channel: 'ivr', offset_ms: 1200, separate: true },
};
/** As it is stored: the tenant has no such notice. */
const UNKNOWN = { ...WHOLE, notice_unknown: true };
const basisOf = async (id: string) =>
  (
    (await (await world.call('GET', `/v1/recordings/${id}`, { key: world.harbour.reviewer.key })).json()) as {
      basis: object;
    }
  ).basis;
const describeCall = (basis: object, call = 'c-1') =>
  world.call('POST', '/v1/recordings', { key, json: { source: 'pbx', call_id: call, basis } });
const patch = (json: object, call = 'later') => world.call('PATCH', `/v1/ingest/pbx/${call}`, { key, json });
const pointersOf = async (reply: Response, code = 'metadata_invalid') =>
  (await expectProblem(reply, 400, code)).errors?.map(({ pointer }) => pointer);

describe('a basis', () => {
  it('comes whole from headers, in a description, and in later facts', async () => {
    const headers = {
      'vault-meta-basis': 'consent',
      'vault-meta-basis-at': '2026-11-20T16:00:00%2B08:00',
      'vault-meta-basis-language': 'zh-cn',
      'vault-meta-basis-evidence': 'IVR%204711',
      'vault-meta-basis-notice': `${notice}/2`,
      'vault-meta-basis-channel': 'ivr',
      'vault-meta-basis-offset-ms': '1200',
      'vault-meta-basis-separate': 'true',
    };
    expect(await basisOf(await world.deposited(world.harbour, 'headers', wav(1_000), headers))).toEqual(UNKNOWN);
    const described = (await (await describeCall(WHOLE)).json()) as { recording: string };
    expect(await basisOf(described.recording)).toEqual(UNKNOWN);
    const amended = (await (await patch({ basis: WHOLE })).json()) as { recording: string };
    expect(await basisOf(amended.recording)).toEqual(UNKNOWN);
  });

  it('is rejected member by member', async () => {
    const wrong = {
      ...{ at: 'yesterday', language: '!', evidence: '', notice: { id: 'rec_1', version: 1 }, channel: 'a b' },
      ...{ offset_ms: -1 },
    };
    const pointers = Object.keys(wrong).map((name) => `/basis/${name}`);
    expect((await pointersOf(await describeCall({ kind: 'consent', ...wrong })))?.sort()).toEqual([...pointers].sort());
    const more = { ...wrong, separate: 'yes', withdrawn: { at: WHOLE.at, purposes: [] }, spoken: true };
    expect(await pointersOf(await patch({ basis: { kind: 'consent', ...more } }))).toEqual(
      Object.keys(more).map((name) => `/basis/${name}`),
    );
    const zeroth = { ...WHOLE, notice: { id: notice, version: 0 } };
    expect(await pointersOf(await patch({ basis: zeroth }))).toEqual(['/basis/notice']);
    const header = { 'vault-meta-basis-notice': notice, 'vault-meta-basis-separate': '1' };
    const reply = await world.ingest(world.harbour, 'x', wav(1_000), header);
    const names = ['Vault-Meta-Basis-Notice', 'Vault-Meta-Basis-Separate'];
    expect(await pointersOf(reply)).toEqual([...names, ...names]);
  });

  it('is set by acts of the vault alone in what restricts it', async () => {
    const restricted = { at: WHOLE.at, ground: 'claims' };
    const asked = { at: WHOLE.at, request: 'sub_1' };
    expect(await pointersOf(await patch({ restricted, asked }))).toEqual(['/restricted', '/asked']);
    const id = await world.deposited(world.harbour, 'call', wav(1_000));
    const privacy = { key: world.harbour.privacy.key, headers: { 'if-match': '"1"' } };
    for (const json of [{ restricted: null }, { asked }, { basis: { kind: 'consent', withdrawn: null } }]) {
      const reply = await world.call('PATCH', `/v1/recordings/${id}`, { ...privacy, json: { reason: 'x', ...json } });
      await expectProblem(reply, 400, 'metadata_invalid');
    }
  });
});
