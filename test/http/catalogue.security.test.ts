// Filters of lists: invalid ones are rejected, and none reveals another tenant or another person.
import { beforeAll, expect, it } from 'vitest';
import { recordingToJson } from '../../src/http/recording-json.ts';
import type { ListedRecording } from '../../src/vault/access/access-states.ts';
import { signInBrowser } from '../support/browser.ts';
import { recording } from '../support/fixture-rows.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();
beforeAll(async () => {
  const headers = { 'vault-meta-from': '13812345678', 'vault-meta-agent': 'Rosa' };
  await world.ingest(world.harbour, 'ours', wav(1000), headers);
  await world.ingest(world.yunhai, 'theirs', wav(1000), headers);
});

const WRONG = [
  ['direction', 'sideways'],
  ['direction', ''],
  ['min_ms', '-1'],
  ['max_ms', '1.5'],
  ['max_ms', 'long'],
  ['min_ms', '1e30'],
  ['language', 'not a tag'],
  ['language', 'x'.repeat(65)],
  ['language', "en' or 1=1 --"],
  ['state', 'AVAILABLE'],
  ['state', 'lost'],
  ['mine', 'yours'],
  ['mine', 'true'],
] as const;

it.each(WRONG)('%s=%s is rejected in lists and searches', async (name, value) => {
  const { key } = world.harbour.reviewer;
  const listed = await world.call('GET', `/v1/recordings?${new URLSearchParams({ [name]: value })}`, { key });
  await expectProblem(listed, 400, 'malformed', ...(value.length > 9 ? [value] : []));
  const json = { agent: 'Rosa', [name]: value };
  await expectProblem(await world.call('POST', '/v1/recordings/search', { key, json }), 400, 'malformed');
});

it('a filter alone is not a search', async () => {
  const sent = { key: world.harbour.reviewer.key, json: { mine: 'listen', direction: 'inbound' } };
  await expectProblem(await world.call('POST', '/v1/recordings/search', sent), 400, 'malformed');
});

it.each(['', 'state=available', 'max_ms=999999999'])('%s returns no recording of another tenant', async (query) => {
  const reply = await world.call('GET', `/v1/recordings?${query}`, { key: world.harbour.reviewer.key });
  const { data } = (await reply.json()) as { data: { call_id: string }[] };
  expect(data.map(({ call_id: id }) => id)).toEqual(['ours']);
});

it('signed-in people see masked numbers only', () => {
  const facts = { v: 1, source: 'pbx', call_id: 'c', leg: '0', basis: { kind: 'consent' } } as const;
  const standing = {
    state: 'ask',
    code: null,
    purpose: null,
    request: null,
    grant: null,
    until: null,
    approvals: null,
  } as const;
  const listed: ListedRecording = {
    recording,
    facts: { ...facts, numbers: { from: '13812345678', to: '+442079460958' } },
    quarantine: [],
    objects: [],
    access: { ...standing, decidedBy: null, decider: null, reason: null },
  };
  const shown = recordingToJson(listed, { auth: 'sign-in' });
  expect(shown).toMatchObject({ from: null, to: null, from_masked: '138****5678', to_masked: '+44 ****0958' });
  expect(JSON.stringify(shown)).not.toMatch(/13812345678|2079460958/);
  expect(recordingToJson(listed, { auth: 'api-key' }).from).toBe('13812345678');
});

it('no reply to a browser contains a whole number', async () => {
  const { tenant, reviewer } = world.harbour;
  const browser = await signInBrowser(world, tenant, reviewer.id);
  const listed = (await (await browser.call('GET', '/v1/recordings')).json()) as { data: { id: string }[] };
  const [{ id } = { id: '' }] = listed.data;
  const wish = { recording: id, purpose: 'quality', reason: 'weekly sample', minutes: 5 };
  const asked = await browser.call('POST', '/v1/access-requests', { json: wish });
  const { id: request } = (await asked.json()) as { id: string };
  const replies = [
    await browser.call('GET', `/v1/recordings/${id}`),
    await browser.call('POST', '/v1/recordings/search', { json: { number: '13812345678' } }),
    await browser.call('GET', `/v1/access-requests/${request}`),
    await browser.call('GET', '/v1/access-requests'),
    await browser.call('GET', '/v1/grants'),
  ];
  const texts = [JSON.stringify(listed), ...(await Promise.all(replies.map((reply) => reply.text())))];
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(texts.slice(0, 4).every((text) => text.includes('138****5678'))).toBe(true);
  for (const text of texts) expect(text).not.toContain('13812345678');
});
