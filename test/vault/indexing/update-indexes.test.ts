// Older recordings get the indexes that their tenant's recordings are found by, whatever else happens, on both databases.
import { beforeEach, describe, expect, it } from 'vitest';
import { VaultError } from '../../../src/errors.ts';
import type { Database } from '../../../src/ports/database.ts';
import { replayGate } from '../../../src/vault/core/replay-gate.ts';
import type { RequestContext } from '../../../src/vault/core/request-context.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { describeRecording } from '../../../src/vault/deposit/describe.ts';
import { indexUpdater } from '../../../src/vault/indexing/update-indexes.ts';
import { ENGINES } from '../../support/engines.ts';
import { freshErasureWorld } from '../../support/erasure-world.ts';
import { gate } from '../../support/fixture-rows.ts';
import { chooseFields, copyRecording, indexState } from '../../support/indexed.ts';
import { wav } from '../../support/wav.ts';

describe.each(ENGINES)('indexes of older recordings over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  let tenant: string;
  let remaining: number[];
  let round: ReturnType<typeof indexUpdater>;

  beforeEach(() => {
    ({ tenant } = world.harbour);
    remaining = [];
    if (present) round = updater();
  });

  const updater = (by: Vault = world.vault) => indexUpdater(by, (recordings) => remaining.push(recordings));
  const turn = () => round(world.request());
  const state = () => indexState(world.vault, tenant);
  const expectRight = async () => {
    const { stored, expected } = await state();
    expect(stored).toEqual(expected);
  };
  const put = (callId: string, fields: Readonly<Record<string, string>> = {}, cast = world.harbour) => {
    const named = Object.entries(fields).map(([name, text]) => [`vault-meta-field-${name}`, text]);
    const headers = { 'vault-meta-from': '+442071838750', 'vault-meta-agent': 'otto', ...Object.fromEntries(named) };
    return world.deposited(cast, callId, wav(100), headers);
  };
  const choose = (...searchable: readonly string[]) => chooseFields(world.vault, tenant, searchable);
  /** Makes all recordings those of a version that had no index of call ids. */
  const age = () =>
    world.run(
      `delete from blind_index where label = 'call_id'; delete from index_progress;
      insert into index_progress (tenant, complete, version, reached) select tenant, 0, 0, '' from tenant`,
    );
  /** What a search and an uploader's question answer. */
  const search = async (terms: object): Promise<{ readonly found: number; readonly complete: boolean }> => {
    const sent = { key: world.harbour.reviewer.key, json: terms };
    const reply = await world.call('POST', '/v1/recordings/search', sent);
    const { data, complete } = (await reply.json()) as { data: unknown[]; complete: boolean };
    return { found: data.length, complete };
  };
  const own = async (call: string) => {
    const reply = await world.call('GET', `/v1/ingest/pbx/${call}`, { key: world.harbour.uploader.key });
    return ((await reply.json()) as { complete: boolean }).complete;
  };
  const patch = (call: string, json: object) =>
    world.call('PATCH', `/v1/ingest/pbx/${call}`, {
      ...{ key: world.harbour.uploader.key, type: 'application/merge-patch+json', body: JSON.stringify(json) },
    });
  /** The vault, except that each of its notes first waits for `before`. */
  const slowly = (before: (n: number) => Promise<void> | void): Vault => {
    let n = 0;
    const note: Database['note'] = async (work, wait) => {
      await before(n++);
      return world.vault.db.note(work, wait);
    };
    return { ...world.vault, db: { ...world.vault.db, note } };
  };
  const copies = (of: string, count: number) => copyRecording(world.vault, tenant, of, count);

  it.skipIf(!present)('have their source in clear once a pass is through', async () => {
    await put('call-1');
    await age();
    await world.run('update recording set source = null');
    const sources = async () =>
      (await world.vault.db.read(({ indexes }) => indexes.page(tenant, '', 9), world.request())).map(
        (one) => one.source,
      );
    expect(await sources()).toEqual([null]);
    await turn();
    expect(await sources()).toEqual(['pbx']);
  });

  it.skipIf(!present)('have their call id once a pass is through, and searches say so', async () => {
    for (const call of ['call-1', 'call-2']) await put(call);
    const before = (await state()).stored;
    expect([await search({ call_id: 'CALL-1' }), await own('call-1')]).toEqual([{ found: 1, complete: true }, true]);
    await age();
    expect([await search({ call_id: 'call-1' }), await own('call-1')]).toEqual([{ found: 0, complete: false }, false]);
    expect(await search({ agent: 'otto' })).toEqual({ found: 2, complete: true });
    expect([await turn(), await turn()]).toEqual([2, 0]);
    expect(remaining).toEqual([0, 0]);
    expect((await state()).stored).toEqual(before);
    expect([await search({ call_id: 'call-1' }), await own('call-1')]).toEqual([{ found: 1, complete: true }, true]);
  });

  it.skipIf(!present)('follow the fields that the tenant searches by, on and off', async () => {
    const recording = await put('call-1', { contract: 'K-17', zone: 'east' });
    await put('call-2', { contract: 'K-18' });
    await world.erase(tenant, await put('call-3', { contract: 'K-19' }));
    const labels = async () => {
      const { stored } = await state();
      return stored.filter((line) => line.startsWith(recording)).map((line) => line.split(' ')[1]);
    };
    const bare = await labels();
    await choose('contract', 'zone');
    expect(await search({ fields: { contract: 'k-17' } })).toEqual({ found: 0, complete: false });
    // Call ids are complete: only values of fields are new.
    expect(await search({ call_id: 'call-1' })).toEqual({ found: 1, complete: true });
    expect(await turn()).toBe(2);
    await expectRight();
    expect(await labels()).toEqual([...bare, 'field:contract', 'field:zone'].sort());
    expect(await search({ fields: { contract: 'k-17' } })).toEqual({ found: 1, complete: true });
    await choose('zone');
    expect(await turn()).toBe(2);
    expect(await labels()).toEqual([...bare, 'field:zone'].sort());
    await choose('zone');
    expect(await turn()).toBe(0);
    await choose();
    expect([await turn(), await labels()]).toEqual([1, bare]);
    await expectRight();
  });

  it.skipIf(!present)('are many: each write has few of them, and none is left in the end', async () => {
    const one = await put('call-1', { contract: 'K-17' });
    await copies(one, 620);
    await choose('contract');
    const written: unknown[] = [];
    const { db } = world.vault;
    const note: Database['note'] = async (work, wait) => {
      const result = await db.note(work, wait);
      written.push(result);
      return result;
    };
    const few = updater({ ...world.vault, db: { ...db, note } });
    expect(await few(world.request())).toBe(500);
    expect(remaining).toEqual([121]);
    expect(await few(world.request())).toBe(121);
    // Not counted again within ten seconds, but the end is reported.
    expect(remaining).toEqual([121, 0]);
    expect(written.filter((result) => Number(result) > 0)).toEqual([...Array<number>(12).fill(50), 21]);
    await expectRight();
  });

  it.skipIf(!present)('are written by several processes at once', async () => {
    await copies(await put('call-1', { contract: 'K-17' }), 230);
    await choose('contract');
    const all = [updater(), updater(), updater()];
    let changed = 0;
    while (remaining.at(-1) !== 0) {
      const done = await Promise.all(all.map((each) => each(world.request())));
      changed += done.reduce((sum, n) => sum + n, 0);
    }
    expect(changed).toBe(231);
    await expectRight();
  });

  it.skipIf(!present)('are right where a call is amended, erased or stored between reading and writing', async () => {
    const [one, two] = [await put('call-1', { contract: 'K-1' }), await put('call-2', { contract: 'K-2' })];
    await put('call-3', { contract: 'K-3' });
    await choose('contract');
    const [reached, done] = [gate(), gate()];
    const slow = updater(
      slowly(async (n) => {
        // The first note begins the pass, the second writes what was read.
        if (n !== 1) return;
        reached.open();
        await done.passed;
      }),
    )(world.request());
    await reached.passed;
    expect((await patch('call-1', { fields: { contract: 'K-9' }, wrap_up: 'x' })).status).toBe(200);
    // No fact with an index: the version of the row alone says that it changed.
    expect((await patch('call-3', { wrap_up: 'x' })).status).toBe(200);
    await world.erase(tenant, two);
    await put('call-4', { contract: 'K-4' });
    done.open();
    expect(await slow).toBe(1);
    await expectRight();
    expect(await search({ fields: { contract: 'K-9' } })).toEqual({ found: 1, complete: true });
    expect(await search({ fields: { contract: 'K-1' } })).toEqual({ found: 0, complete: true });
    expect((await state()).stored.some((line) => line.startsWith(two))).toBe(false);
    expect(one).toMatch(/^rec_/);
  });

  it.skipIf(!present)('are not written by settings that changed between reading and writing', async () => {
    await copies(await put('call-1', { contract: 'K-1', zone: 'east' }), 60);
    await choose('contract');
    // From contract to zone and back: what was written meanwhile has only the zone.
    const slow = updater(
      slowly(async (n) => {
        if (n !== 2) return;
        await choose('zone');
        await put('call-2', { contract: 'K-2', zone: 'west' });
        await patch('call-1', { fields: { zone: 'north' } });
        await choose('contract');
      }),
    );
    expect(await slow(world.request())).toBe(50);
    expect(await search({ fields: { contract: 'K-2' } })).toEqual({ found: 0, complete: false });
    while (remaining.at(-1) !== 0) await turn();
    await expectRight();
    expect(await search({ fields: { contract: 'K-2' } })).toEqual({ found: 1, complete: true });
  });

  it.skipIf(!present)('go on where a process ended between two writes', async () => {
    await copies(await put('call-1', { contract: 'K-1' }), 180);
    await choose('contract');
    const stopping = new AbortController();
    const ended = updater(
      slowly((n) => {
        if (n === 3) stopping.abort();
      }),
    );
    await expect(ended({ signal: stopping.signal })).rejects.toThrow();
    const [progress] = await world.read(({ indexes }) => indexes.behind());
    expect(progress).toMatchObject({ version: 2, current: 2, complete: 1, reached: expect.stringMatching(/^rec_/) });
    expect(await turn()).toBe(81);
    await expectRight();
  });

  it.skipIf(!present)('that are described by settings of before the change have the new ones', async () => {
    const { db } = world.vault;
    const [reached, done] = [gate(), gate()];
    const change: Database['change'] = async (work, wait) => {
      reached.open();
      await done.passed;
      return db.change(work, wait);
    };
    const { id: principal } = world.harbour.uploader;
    const by = {
      tenant,
      principal,
      kind: 'service',
      roles: ['uploader'],
      scopes: ['ingest'],
      auth: 'api-key',
    } as const;
    const metadata = { source: 'pbx', callId: 'call-1', leg: '0', fields: { contract: 'K-1' } };
    const request: RequestContext = world.request();
    const described = describeRecording(
      { ...world.vault, db: { ...db, change } },
      { ...by, humans: [] },
      metadata,
      request,
    );
    await reached.passed;
    await choose('contract');
    expect(await turn()).toBe(0);
    done.open();
    await described;
    await expectRight();
    expect((await state()).stored.some((line) => line.includes('field:contract'))).toBe(true);
  });

  it.skipIf(!present)(
    'wait while the tenant is suspended, its key is unavailable, or its changes are replayed',
    async () => {
      await put('call-1', { contract: 'K-1' });
      await put('call-1', { contract: 'K-1' }, world.yunhai);
      await age();
      const closed = { ...world.vault, replayGate: replayGate(world.vault.clock) };
      expect([await updater(closed)(world.request()), remaining]).toEqual([0, [2]]);
      const { metadataKeys } = world.vault;
      const away = { ...metadataKeys, get: () => Promise.reject(new VaultError('key_service_unavailable', 'away')) };
      expect([await updater({ ...world.vault, metadataKeys: away })(world.request()), remaining.at(-1)]).toEqual([
        0, 2,
      ]);
      await world.suspend(tenant);
      expect([await turn(), remaining.at(-1)]).toEqual([1, 1]);
      await world.run(`update tenant set state = 'ACTIVE'`);
      expect(await turn()).toBe(0);
      world.forward(61_000);
      expect([await turn(), remaining.at(-1)]).toEqual([1, 0]);
      await expectRight();
    },
  );

  it.skipIf(!present)('whose facts do not open are reported, lose old fields, and do not stop others', async () => {
    const damaged = await put('call-1', { contract: 'K-1', zone: 'east' });
    await choose('contract');
    await turn();
    await put('call-2', { contract: 'K-2', zone: 'west' });
    const zeros = engine === 'sqlite' ? 'zeroblob(100)' : `decode(repeat('00', 100), 'hex')`;
    await world.run(`update recording set facts = ${zeros} where id = '${damaged}'`);
    await choose('zone');
    await expect(turn()).rejects.toMatchObject({ code: 'integrity' });
    expect([await turn(), remaining.at(-1)]).toEqual([0, 0]);
    const { values } = await world.read(async ({ indexes }) => ({ values: await indexes.values(tenant, '', '~') }));
    const labelsOf = (mine: boolean) =>
      values.filter(({ recording }) => (recording === damaged) === mine).map(({ label }) => label);
    expect(labelsOf(true)).toContain('call_id');
    expect(labelsOf(true).filter((label) => label.startsWith('field:'))).toEqual([]);
    expect(labelsOf(false)).toContain('field:zone');
    expect(labelsOf(false)).not.toContain('field:contract');
  });
});
