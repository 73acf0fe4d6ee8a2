// Comments on a call over HTTP, and their entries.
import { describe, expect, it } from 'vitest';
import { entriesOf } from '../support/entries.ts';
import { freshOpenedCall, type Page } from '../support/opened-call.ts';

type Shown = Readonly<Record<string, unknown>> & { readonly id: string };

const opened = freshOpenedCall();

describe('comments', () => {
  const COMMENT = {
    start_ms: 61_000,
    end_ms: 64_500,
    category: 'praise',
    visibility: 'team',
    text: 'Well said.\n客户满意',
  };
  const post = (json: object, key = opened.harbour.reviewer.key, of = opened.session) =>
    opened.world.call('POST', `/v1/sessions/${of}/comments`, { key, json });
  const comments = async (query = '', of = opened.session) =>
    (await (await opened.get(`/v1/sessions/${of}/comments${query}`)).json()) as Page<Shown>;

  it('are added, listed in the order of the call, edited and deleted', async () => {
    const reply = await post(COMMENT);
    expect(reply.status).toBe(201);
    expect(reply.headers.get('vault-audit')).not.toBeNull();
    const added = (await reply.json()) as Shown;
    expect(reply.headers.get('location')).toBe(`/v1/sessions/${opened.session}/comments/${added.id}`);
    const author = { id: opened.harbour.reviewer.id, name: 'Rita' };
    expect(added).toEqual({ ...COMMENT, id: added.id, author, created: expect.any(String), edited: null });
    const early = (await (
      await post({ start_ms: 5, category: 'note', visibility: 'private', text: 'x' })
    ).json()) as Shown;
    expect(early).toMatchObject({ end_ms: null, visibility: 'private' });
    expect((await comments()).data).toEqual([early, added]);

    const path = `/v1/sessions/${opened.session}/comments/${added.id}`;
    const json = { ...COMMENT, start_ms: 0, end_ms: null, category: 'improve', text: 'On reflection, no.' };
    const put = await opened.world.call('PUT', path, { key: opened.harbour.reviewer.key, json });
    expect(put.status).toBe(200);
    const changed = { ...added, ...json, edited: expect.any(String) };
    expect(await put.json()).toEqual(changed);
    expect((await comments()).data).toEqual([changed, early]);

    const gone = await opened.world.call('DELETE', path, { key: opened.harbour.reviewer.key });
    expect([gone.status, await gone.json()]).toEqual([200, { id: added.id, state: 'removed' }]);
    expect((await comments()).data).toEqual([early]);
    const told = (await opened.activity('?limit=200', 'auditor')).data.filter(({ action }) =>
      String(action).startsWith('comment.'),
    );
    expect(told.map(({ action }) => action)).toEqual([
      'comment.removed',
      'comment.changed',
      'comment.read',
      'comment.added',
      'comment.added',
    ]);
  });

  it('are entries of the recording, each named by its event', async () => {
    const added = (await (await post(COMMENT)).json()) as Shown;
    const path = `/v1/sessions/${opened.session}/comments/${added.id}`;
    await opened.world.call('PUT', path, { key: opened.harbour.reviewer.key, json: { ...COMMENT, text: 'Better.' } });
    await opened.world.call('DELETE', path, { key: opened.harbour.reviewer.key });
    const entries = await entriesOf(opened.world.vault, opened.harbour.tenant, opened.recording);
    const author = opened.harbour.reviewer.id;
    expect(entries.map(({ body }) => body)).toEqual([
      expect.objectContaining({
        op: 'comment',
        v: 1,
        why: 'comment.added',
        by: author,
        author,
        ...COMMENT,
        version: 1,
      }),
      expect.objectContaining({ why: 'comment.changed', text: 'Better.', version: 2, edited: expect.any(String) }),
      { op: 'comment', v: 1, why: 'comment.removed', by: author, id: added.id, version: 3 },
    ]);
    const leaves = opened.world.sql.prepare('select leaf from audit_event order by seq desc limit 3').all() as {
      leaf: Buffer;
    }[];
    const named = entries.map(({ event, n, digest }) => ({
      id: event,
      object: { subject: opened.recording, n, entry: digest },
    }));
    expect(leaves.map(({ leaf }) => JSON.parse(leaf.toString()) as unknown).reverse()).toMatchObject(named);
  });

  it('are paginated, and visible in another session on the recording', async () => {
    for (const start of [3_000, 1_000, 2_000, 1_000]) await post({ ...COMMENT, start_ms: start });
    const all = (await comments()).data;
    expect(all.map(({ start_ms: start }) => start)).toEqual([1_000, 1_000, 2_000, 3_000]);
    const pages: Shown[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<Shown> = await comments(`?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`);
      pages.push(...page.data);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(pages).toEqual(all);
    expect((await comments('', await opened.world.session(opened.harbour, opened.grant))).data).toEqual(all);
  });
});
