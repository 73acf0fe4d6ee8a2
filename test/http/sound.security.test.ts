// Access to peaks, sessions and comments: unauthorized callers get nothing.
import { beforeEach, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { wav } from '../support/wav.ts';
import type { Cast, KeyHolder } from '../support/world.ts';
import { freshWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const COMMENT = { start_ms: 100, end_ms: 200, category: 'note', visibility: 'team', text: 'secretword' };
const world = freshWorld();
let harbour: Cast;
let recording: string;
let grant: string;
let session: string;
let mine: string;

beforeEach(async () => {
  harbour = world.harbour;
  recording = await world.deposited(harbour, 'call', wav(16_000));
  grant = await world.grant(harbour, recording);
  session = await world.session(harbour, grant);
  mine = await added(COMMENT);
});

const call = (method: string, path: string, who: KeyHolder = harbour.reviewer, json?: unknown) =>
  world.call(method, `/v1/sessions/${path}`, { key: who.key, json });
const added = async (json: object, who = harbour.reviewer, of = session): Promise<string> => {
  const reply = await call('POST', `${of}/comments`, who, json);
  expect(reply.status).toBe(201);
  return ((await reply.json()) as { id: string }).id;
};
const listed = async (who: KeyHolder, of: string) =>
  ((await (await call('GET', `${of}/comments`, who)).json()) as { data: { id: string; text: string }[] }).data;

/** A colleague of the reviewer with their own session on the recording. */
async function another(): Promise<string> {
  const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
  const key = harbour.colleague.key;
  const { id } = (await (await world.call('POST', '/v1/access-requests', { key, json })).json()) as { id: string };
  const approve = { key: harbour.supervisor.key };
  const approved = await world.call('POST', `/v1/access-requests/${id}/approve`, approve);
  const { grant: given } = (await approved.json()) as { grant: { id: string } };
  const opened = await world.call('POST', `/v1/grants/${given.id}/sessions`, { key });
  return ((await opened.json()) as { id: string }).id;
}

const DOORS: readonly [method: string, path: (session: string, comment: string) => string, json?: object][] = [
  ['GET', (of) => `${of}/peaks`],
  ['GET', (of) => `${of}/comments`],
  ['POST', (of) => `${of}/comments`, COMMENT],
  ['PUT', (of, id) => `${of}/comments/${id}`, COMMENT],
  ['DELETE', (of, id) => `${of}/comments/${id}`],
];

describe('another person’s session', () => {
  it.each(DOORS)('is not found on %s %s', async (method, path, json) => {
    const before = await world.snapshot(true);
    for (const who of [harbour.colleague, harbour.supervisor, harbour.privacy, world.yunhai.reviewer]) {
      await expectProblem(await call(method, path(session, mine), who, json), 404, 'not_found', 'secretword');
    }
    expect(await world.snapshot(true)).toEqual(before);
  });

  it('is not found itself', async () => {
    for (const who of [harbour.colleague, harbour.supervisor, world.yunhai.reviewer]) {
      await expectProblem(await call('GET', session, who), 404, 'not_found');
    }
  });
});

describe('an ended session', () => {
  const ways: [string, () => Promise<unknown>][] = [
    ['closed', () => call('DELETE', session)],
    ['revoked', () => world.call('POST', `/v1/grants/${grant}/revoke`, { key: harbour.supervisor.key })],
    ['run out', async () => world.forward(16 * 60_000)],
  ];
  it.each(ways)('that was %s returns nothing and accepts nothing', async (_how, over) => {
    await over();
    for (const [method, path, json] of DOORS) {
      await expectProblem(
        await call(method, path(session, mine), harbour.reviewer, json),
        403,
        'session_ended',
        'secretword',
      );
    }
    expect(world.sql.prepare('select count(*) from comment').pluck().get()).toBe(1);
  });

  it('of an erased recording has no comments', async () => {
    const what = { tenant: harbour.tenant, recording, reason: 'request' } as const;
    await eraseRecording(world.vault, operatorActor('op-1'), what, { signal: AbortSignal.timeout(600_000) });
    expect(world.sql.prepare('select count(*) from comment').pluck().get()).toBe(0);
    for (const [method, path, json] of DOORS) {
      const reply = await call(method, path(session, mine), harbour.reviewer, json);
      await expectProblem(reply, 410, 'erased', 'secretword');
    }
    expect(await (await call('GET', session)).json()).toMatchObject({ state: 'ended', reason: 'erased' });
  });
});

it('a grant for transcripts only does not include peaks', async () => {
  const other = await world.session(harbour, await world.grant(harbour, recording, { objects: ['transcript'] }));
  await expectProblem(await call('GET', `${other}/peaks`), 403, 'access_refused');
});

it('peaks that were changed in the store return an integrity problem', async () => {
  const { readdir, readFile, writeFile } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const store = join(world.folder, 'store');
  const name = (await readdir(store, { recursive: true })).find((path) => path.endsWith('peaks')) ?? '';
  const bytes = await readFile(join(store, name));
  bytes.writeUInt8(bytes.readUInt8(80) ^ 1, 80);
  await writeFile(join(store, name), bytes);
  await expectProblem(await call('GET', `${session}/peaks`), 500, 'integrity');
});

describe('a private comment', () => {
  it('is visible to its author only: not listed, changed or revealed for others', async () => {
    const secret = await added({ ...COMMENT, visibility: 'private' });
    const theirs = await another();
    expect((await listed(harbour.colleague, theirs)).map(({ id }) => id)).toEqual([mine]);
    for (const [method, json] of [
      ['PUT', COMMENT],
      ['DELETE', undefined],
    ] as const) {
      const reply = await call(method, `${theirs}/comments/${secret}`, harbour.colleague, json);
      await expectProblem(reply, 404, 'not_found', 'secretword');
    }
    const activity = async (who: KeyHolder) => {
      const reply = await world.call('GET', `/v1/recordings/${recording}/activity`, { key: who.key });
      return ((await reply.json()) as { data: { action: string }[] }).data.filter(
        ({ action }) => action === 'comment.added',
      );
    };
    expect(await activity(harbour.colleague)).toHaveLength(1);
    expect(await activity(harbour.supervisor)).toHaveLength(1);
    expect(await activity(harbour.reviewer)).toHaveLength(2);
    expect(await activity(harbour.auditor)).toHaveLength(2);
    expect((await listed(harbour.reviewer, session)).map(({ id }) => id)).toEqual([mine, secret]);
  });

  it('does not shorten the pages of others', async () => {
    for (let n = 0; n < 3; n++) await added({ ...COMMENT, visibility: 'private' });
    await call('DELETE', session);
    const pages: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path = `/v1/recordings/${recording}/activity?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const reply = await world.call('GET', path, { key: harbour.supervisor.key });
      const { data, next_cursor } = (await reply.json()) as { data: unknown[]; next_cursor: string | null };
      pages.push(data.length);
      cursor = next_cursor;
    }
    expect(pages.length).toBeGreaterThan(5);
    expect(new Set(pages)).toEqual(new Set([1]));
  });

  it('of the team is readable for colleagues, and editable by its author only', async () => {
    const theirs = await another();
    expect((await listed(harbour.colleague, theirs)).map(({ text }) => text)).toEqual(['secretword']);
    for (const [method, json] of [
      ['PUT', { ...COMMENT, text: 'mine now' }],
      ['DELETE', undefined],
    ] as const) {
      const reply = await call(method, `${theirs}/comments/${mine}`, harbour.colleague, json);
      await expectProblem(reply, 403, 'forbidden', 'secretword');
    }
    expect((await listed(harbour.reviewer, session)).map(({ text }) => text)).toEqual(['secretword']);
  });

  it('of another recording is not found', async () => {
    const made = (await (await world.ingest(harbour, 'other', wav(16_000))).json()) as { recording: string };
    const other = await world.session(harbour, await world.grant(harbour, made.recording));
    expect(await listed(harbour.reviewer, other)).toEqual([]);
    for (const [method, json] of [
      ['PUT', COMMENT],
      ['DELETE', undefined],
    ] as const) {
      await expectProblem(await call(method, `${other}/comments/${mine}`, harbour.reviewer, json), 404, 'not_found');
    }
  });
});

describe('a comment', () => {
  it.each([
    ['without text', { ...COMMENT, text: '' }],
    ['of white space', { ...COMMENT, text: ' \n ' }],
    ['that is too long', { ...COMMENT, text: 'x'.repeat(4_001) }],
    ['with a control character', { ...COMMENT, text: 'a\u0000b' }],
    ['with half a character', { ...COMMENT, text: 'a\ud800' }],
    ['of another category', { ...COMMENT, category: 'gossip' }],
    ['for everybody', { ...COMMENT, visibility: 'public' }],
    ['before the call', { ...COMMENT, start_ms: -1 }],
    ['at half a millisecond', { ...COMMENT, start_ms: 0.5 }],
    ['behind the call', { ...COMMENT, start_ms: 1_001, end_ms: null }],
    ['that ends behind the call', { ...COMMENT, end_ms: 1_001 }],
    ['that ends before it begins', { ...COMMENT, end_ms: 100 }],
    ['with a member more', { ...COMMENT, author: 'usr_1' }],
    ['with a member less', { start_ms: 0 }],
  ])('%s is rejected, and changes nothing', async (_what, json) => {
    const before = await world.snapshot(true);
    for (const [method, path] of [
      ['POST', `${session}/comments`],
      ['PUT', `${session}/comments/${mine}`],
    ] as const) {
      await expectProblem(await call(method, path, harbour.reviewer, json), 400, 'malformed', 'secretword');
    }
    expect(await world.snapshot(true)).toEqual(before);
  });

  it('is not in the database in clear, nor in the log', async () => {
    const rows = (await world.snapshot(true)).join('\n');
    expect(rows).not.toContain(Buffer.from('secretword').toString('hex'));
    const leaves = world.sql.prepare('select leaf from audit_event').pluck().all() as Buffer[];
    expect(leaves.join('\n')).not.toContain('secretword');
  });

  it.each([
    'nothing',
    `${Buffer.from('["-1","cmt_1"]').toString('base64url')}`,
    `${Buffer.from('["1","rec_1"]').toString('base64url')}`,
  ])('is not listed with the cursor %s', async (cursor) => {
    await expectProblem(await call('GET', `${session}/comments?cursor=${cursor}`), 400, 'malformed');
  });

  it('beyond the thousandth of a recording is rejected', async () => {
    const insert = world.sql.prepare(
      `insert into comment (tenant, id, version, recording, author, start_ms, end_ms, category, visibility, words, created, edited, filed)
        select tenant, 'cmt_' || n, version, recording, author, start_ms, end_ms, category, visibility,
        words, created, edited, filed from comment, (with recursive c(n) as (select 1 union all select n + 1 from c where n < 998) select n from c)`,
    );
    expect(insert.run().changes).toBe(998);
    await added(COMMENT);
    await expectProblem(await call('POST', `${session}/comments`, harbour.reviewer, COMMENT), 409, 'conflict');
    expect((await call('DELETE', `${session}/comments/${mine}`)).status).toBe(200);
    await added(COMMENT);
  });
});
