// Comments of earlier versions and their entries: each once, as it is now, whatever else happens, on both databases.
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../src/bytes/ids.ts';
import type { Database } from '../../../src/ports/database.ts';
import { commentFiler } from '../../../src/vault/amendments/file-comments.ts';
import { entryStorer } from '../../../src/vault/amendments/store-entries.ts';
import { sealCommentText } from '../../../src/vault/comments/view.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { ENGINES } from '../../support/engines.ts';
import { addEntries, entriesOf, storedStream } from '../../support/entries.ts';
import { freshErasureWorld } from '../../support/erasure-world.ts';
import { gate, someEvent } from '../../support/fixture-rows.ts';
import type { Cast } from '../../support/world.ts';

describe.each(ENGINES)('comments of an earlier version over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  let tenant: string;
  let remaining: number[];
  let round: ReturnType<typeof commentFiler>;

  beforeEach(() => {
    ({ tenant } = world.harbour);
    remaining = [];
    if (present) round = filer();
  });

  const filer = (by: Vault = world.vault) => commentFiler(by, (comments) => remaining.push(comments));
  const turn = () => round(world.request());
  const COMMENT = { start_ms: 5, end_ms: 50, category: 'praise', visibility: 'team', text: 'Well said. 客户满意' };

  /** A recording with a session of the reviewer. */
  const listened = async (callId: string, cast: Cast = world.harbour) => {
    const recording = await world.ingested(cast, callId);
    const session = await world.session(cast, await world.grant(cast, recording));
    return { recording, path: `/v1/sessions/${session}/comments`, key: cast.reviewer.key };
  };
  type Listened = Awaited<ReturnType<typeof listened>>;
  const comment = async ({ path, key }: Listened, json: object = COMMENT): Promise<string> =>
    ((await (await world.call('POST', path, { key, json })).json()) as { id: string }).id;
  const change = ({ path, key }: Listened, id: string, text: string) =>
    world.call('PUT', `${path}/${id}`, { key, json: { ...COMMENT, text } });
  const remove = ({ path, key }: Listened, id: string) => world.call('DELETE', `${path}/${id}`, { key });
  /** Makes all comments those of a version that wrote no entries. */
  const age = () => world.run('update comment set filed = 0; delete from amendment');
  const bodies = async (recording: string, of = tenant) =>
    (await entriesOf(world.vault, of, recording)).map(({ body }) => body as { readonly [name: string]: unknown });
  /** The vault, except that its changes first wait for `before`. */
  const slowly = (before: () => Promise<void>): Vault => {
    const change: Database['change'] = async (work, wait) => {
      await before();
      return world.vault.db.change(work, wait);
    };
    return { ...world.vault, db: { ...world.vault.db, change } };
  };

  it.skipIf(!present)('get one each, with all that they say, and an event that names it', async () => {
    const [one, other] = [await listened('call-1'), await listened('call-2')];
    const first = await comment(one);
    await comment(one, { start_ms: 7, category: 'note', visibility: 'private', text: 'mine' });
    await comment(other);
    await change(one, first, 'Better.');
    await age();
    const filedBefore = await world.read((rows) => rows.comments.find(tenant, first));
    expect([await turn(), await turn()]).toEqual([3, 0]);
    expect(remaining).toEqual([0, 0]);
    const node = world.vault.settings.node;
    expect(await bodies(one.recording)).toEqual([
      {
        ...({ v: 1, op: 'comment', why: 'comment.filed', by: node, id: first, version: 2 } as const),
        ...({ ...COMMENT, text: 'Better.', author: world.harbour.reviewer.id } as const),
        ...{ created: filedBefore?.created, edited: filedBefore?.edited },
      },
      expect.objectContaining({ why: 'comment.filed', version: 1, visibility: 'private', start_ms: 7, text: 'mine' }),
    ]);
    expect(await bodies(other.recording)).toHaveLength(1);
    const events = (await world.leaves(tenant)).filter(({ action }) => action === 'comment.filed');
    const entries = [...(await entriesOf(world.vault, tenant, one.recording))];
    entries.push(...(await entriesOf(world.vault, tenant, other.recording)));
    expect(events).toHaveLength(3);
    for (const { event, n, digest } of entries)
      expect(events).toContainEqual(
        expect.objectContaining({
          id: event,
          actor: expect.objectContaining({ type: 'system', id: node }),
          object: expect.objectContaining({ n, entry: digest }),
        }),
      );
    // A comment stays as it was, and its next change follows.
    await change(one, first, 'Best.');
    expect((await bodies(one.recording)).at(-1)).toMatchObject({ why: 'comment.changed', version: 3, text: 'Best.' });
    expect(await turn()).toBe(0);
  });

  it.skipIf(!present)('are many: a round files some of them, in order, and none is left in the end', async () => {
    const one = await listened('call-1');
    await comment(one);
    await age();
    const more = 449;
    await copyComments(more);
    const filed: number[] = [];
    do filed.push(await turn());
    while (filed.at(-1) !== 0);
    expect(filed.reduce((sum, n) => sum + n, 0)).toBe(more + 1);
    expect(Math.max(...filed)).toBeLessThanOrEqual(400);
    expect(remaining.at(0)).toBeGreaterThan(0);
    expect(remaining.slice(-2)).toEqual([0, 0]);
    expect(await bodies(one.recording)).toHaveLength(more + 1);
  });

  /** Copies of the comment that has no entry, sealed as their own. */
  async function copyComments(count: number): Promise<void> {
    const [unfiled] = await world.read((rows) => rows.comments.unfiled(null, 1));
    const row = await world.read((rows) => rows.tenants.find(tenant));
    if (unfiled === undefined || row === null) throw new Error('no comment');
    const metadataKey = await world.vault.metadataKeys.get(row, world.request());
    await world.vault.db.change(async (tx) => {
      for (let n = 0; n < count; n++) {
        const id = newId('cmt');
        await tx.comments.insert({ ...unfiled, id, words: sealCommentText(metadataKey, { tenant, id }, `copy ${n}`) });
      }
      return { result: null, events: [someEvent(tenant)] };
    }, world.request());
    await world.run('update comment set filed = 0');
  }

  it.skipIf(!present)('get one each from two processes', async () => {
    const calls: Listened[] = [];
    for (let n = 0; n < 4; n++) {
      const one = await listened(`call-${n}`);
      calls.push(one);
      for (let m = 0; m < 5; m++) await comment(one);
    }
    await age();
    const filed = await Promise.all([filer()(world.request()), filer()(world.request()), filer()(world.request())]);
    expect(filed.reduce((sum, n) => sum + n, 0)).toBe(20);
    for (const { recording } of calls) expect(await bodies(recording)).toHaveLength(5);
    expect(await entryStorer(world.vault, () => undefined)(world.request())).toBe(20);
    for (const { recording } of calls)
      expect(await storedStream(world.vault, tenant, recording)).toMatchObject({ fault: null });
  });

  it.skipIf(!present)('are filed as an edit, a removal or an erasure meanwhile left them', async () => {
    const [one, other] = [await listened('call-1'), await listened('call-2')];
    const [edited, removed, erased] = [await comment(one), await comment(one), await comment(other)];
    expect(erased).toMatch(/^cmt_/);
    await age();
    const [reached, done] = [gate(), gate()];
    const filing = filer(
      slowly(async () => {
        reached.open();
        await done.passed;
      }),
    )(world.request());
    await reached.passed;
    await change(one, edited, 'Edited.');
    await remove(one, removed);
    await world.erase(tenant, other.recording);
    done.open();
    expect(await filing).toBe(0);
    expect(await bodies(one.recording)).toEqual([
      expect.objectContaining({ id: edited, why: 'comment.changed', version: 2 }),
      { v: 1, op: 'comment', why: 'comment.removed', by: world.harbour.reviewer.id, id: removed, version: 2 },
    ]);
    expect(await bodies(other.recording)).toEqual([]);
    expect([await turn(), remaining.at(-1)]).toEqual([0, 0]);
  });

  it.skipIf(!present)('get another one where a process of that version changes them again', async () => {
    const one = await listened('call-1');
    const id = await comment(one);
    await world.run('update comment set version = version + 1');
    expect(await turn()).toBe(1);
    expect((await bodies(one.recording)).at(-1)).toMatchObject({ why: 'comment.filed', id, version: 2 });
  });

  it.skipIf(!present)(
    'wait while their tenant is suspended or its key is unavailable, and do not stop others',
    async () => {
      const mine = await listened('call-1');
      const theirs = await listened('call-1', world.yunhai);
      await comment(mine);
      await comment(theirs);
      await age();
      await world.suspend(tenant);
      expect([await turn(), remaining.at(-1)]).toEqual([1, 1]);
      expect(await bodies(theirs.recording, world.yunhai.tenant)).toHaveLength(1);
      await world.run(`update tenant set state = 'ACTIVE'`);
      expect(await turn()).toBe(0);
      world.forward(61_000);
      expect([await turn(), remaining.at(-1)]).toEqual([1, 0]);
    },
  );

  it.skipIf(!present)('whose text is damaged are reported, and do not stop others', async () => {
    const [mine, other] = [await listened('call-1'), await listened('call-2')];
    const damaged = await comment(mine);
    await comment(other);
    await age();
    const zeros = engine === 'sqlite' ? 'zeroblob(100)' : `decode(repeat('00', 100), 'hex')`;
    await world.run(`update comment set words = ${zeros} where id = '${damaged}'`);
    await expect(turn()).rejects.toMatchObject({ code: 'integrity' });
    expect([await bodies(other.recording), remaining.at(-1)]).toEqual([[expect.anything()], 1]);
    expect(await turn()).toBe(0);
    world.forward(61_000);
    await expect(turn()).rejects.toMatchObject({ code: 'integrity' });
  });

  it.skipIf(!present)('wait while many entries wait for the store', async () => {
    const one = await listened('call-1');
    await comment(one);
    await age();
    await addEntries(world.vault, tenant, one.recording, 2);
    await world.run(manyWaiting(one.recording));
    expect([await turn(), remaining.at(-1)]).toEqual([0, 1]);
    await world.run('update amendment set stored = 1 where n > 2');
    await world.run('delete from amendment where n > 2');
    expect([await turn(), remaining.at(-1)]).toEqual([1, 0]);
  });

  /** A thousand rows that have no blob. */
  function manyWaiting(recording: string): string {
    const numbers = Array.from({ length: 1_000 }, (_, n) => n + 3);
    const zero = engine === 'sqlite' ? `x'00'` : `'\\x00'`;
    const values = numbers.map((n) => `('${tenant}', '${recording}', ${n}, '2026-11-28T00:00:00.000Z', ${zero}, 0)`);
    return `insert into amendment (tenant, subject, n, at, entry, stored) values ${values.join(', ')}`;
  }
});
