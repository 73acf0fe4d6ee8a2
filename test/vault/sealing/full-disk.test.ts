// Full disks under a log: what was acknowledged is there, nothing counts by halves, and all goes on once there is room.
import SqliteFile from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { event, operatorActor } from '../../../src/vault/core/events/events.ts';
import { compareLog } from '../../../src/vault/sealing/compare-log.ts';
import { rereadSegments } from '../../../src/vault/sealing/reread-segments.ts';
import { sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { needs } from '../../support/needs.ts';
import { checkPublished } from '../../support/published-history.ts';
import { type Elsewhere, grow, LOG, request, type SealedLogWorld, sealedLog } from '../../support/sealing.ts';
import { type SmallDisk, smallDisk } from '../../support/small-disk.ts';

const seal = ({ deps }: SealedLogWorld) => sealLog(deps, new Map(), LOG, request());
const sizeOf = ({ deps }: SealedLogWorld) => deps.db.read((rows) => rows.log.size(LOG), request());

/** The error's code, and those of its causes. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) codes.push(String((at as { code?: unknown }).code));
  return codes;
}

const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => error,
  );

/** Appends events at the same time, until some of a batch fail. Returns the ids that were acknowledged, and the errors. */
async function appendUntilFull({ deps }: SealedLogWorld) {
  const acknowledged: string[] = [];
  const errors: unknown[] = [];
  while (errors.length === 0) {
    const batch = Array.from({ length: 20 }, async () => {
      const made = event(LOG, operatorActor('op-1'), 'doctor.ran', { id: LOG }, {});
      await deps.db.change(async () => ({ result: null, events: [made] }), request());
      return made.id;
    });
    for (const outcome of await Promise.allSettled(batch))
      if (outcome.status === 'fulfilled') acknowledged.push(outcome.value);
      else errors.push(outcome.reason);
    if (acknowledged.length > 100_000) throw new Error('the disk is never full');
  }
  return { acknowledged, errors };
}

/** Every acknowledged event is in the log, without a gap; of the others none is. */
async function checkAcknowledged({ deps }: SealedLogWorld, before: number, acknowledged: readonly string[]) {
  const events = await deps.db.read((rows) => rows.log.events(LOG, 0, 100_000), request());
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, n) => n));
  const ids = events.map(({ leaf }) => (JSON.parse(Buffer.from(leaf).toString()) as { id: string }).id);
  expect(ids.slice(before).sort()).toEqual([...acknowledged].sort());
}

/** Everything is sealed, and what was published is the log. */
async function checkSealed(world: SealedLogWorld): Promise<void> {
  const size = await sizeOf(world);
  await checkPublished(world, size);
  expect(await compareLog(world.deps, LOG, request())).toMatchObject({ differs: null, published: { size } });
  expect(await rereadSegments(world.deps, LOG, request())).toEqual([]);
}

describe('a database that may not grow', () => {
  let world: SealedLogWorld;
  let files: SqliteFile.Database[];
  const pragma = SqliteFile.prototype.pragma;
  beforeEach(async () => {
    files = [];
    SqliteFile.prototype.pragma = function (this: SqliteFile.Database, ...args: Parameters<typeof pragma>) {
      if (!files.includes(this)) files.push(this);
      return pragma.apply(this, args);
    };
    world = await sealedLog();
    SqliteFile.prototype.pragma = pragma;
  });
  afterEach(async () => {
    SqliteFile.prototype.pragma = pragma;
    await world.end();
  });

  const writing = (): SqliteFile.Database => files.find(({ readonly }) => !readonly) ?? expect.fail('no database');
  const growBy = (pages: number): void => {
    const file = writing();
    file.pragma(`max_page_count = ${(file.pragma('page_count', { simple: true }) as number) + pages}`);
  };

  it('appends nothing in part, keeps what was acknowledged, and goes on once it may grow', async () => {
    await grow(world.deps, 3);
    growBy(3);
    const { acknowledged, errors } = await appendUntilFull(world);
    expect(acknowledged.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(audit|database)_unavailable$/), retryAfter: 5 });
      expect(codesOf(error).at(-1)).toBe('SQLITE_FULL');
    }
    await checkAcknowledged(world, 3, acknowledged);
    growBy(10_000);
    await grow(world.deps, 2);
    await seal(world);
    await checkSealed(world);
  });

  it('does not count a seal that it could not write, and writes it in a later round', async () => {
    await grow(world.deps, 3);
    // Seals of some hundred bytes fit into the last page, and then one does not.
    let [failed, sealed, size]: [unknown, number, number] = ['done', 0, 0];
    for (let round = 0; failed === 'done'; round++) {
      if (round === 100) throw new Error('every seal had room');
      growBy(100);
      await grow(world.deps, 1);
      growBy(0);
      [sealed, size] = [size, await sizeOf(world)];
      failed = await outcomeOf(seal(world));
    }
    expect(failed).toMatchObject({ code: 'database_unavailable', retryAfter: 5 });
    expect(codesOf(failed).at(-1)).toBe('SQLITE_FULL');
    const newest = await world.deps.db.read((rows) => rows.seals.newest(LOG), request());
    expect(newest?.size).toBe(size - 1);
    expect(sealed).toBeGreaterThan(0);
    // It is published all the same.
    expect(await compareLog(world.deps, LOG, request())).toMatchObject({ differs: null, published: { size } });
    growBy(10_000);
    expect(await seal(world)).toMatchObject({ events: 1 });
    await checkSealed(world);
  });
});

const disk = needs('small-disk');
describe.skipIf(!disk.present)(`a full disk ${disk.reason}`, () => {
  let small: SmallDisk;
  let world: SealedLogWorld;
  const open = async (where: (folder: string) => Elsewhere): Promise<void> => {
    world = await sealedLog('sqlite', where(small.folder));
  };
  beforeEach(() => {
    small = smallDisk(16);
  });
  afterEach(async () => {
    await world.end();
    small.remove();
  });

  it('of the database: changes fail whole, and nothing acknowledged is lost', async () => {
    await open((database) => ({ database }));
    await grow(world.deps, 3);
    small.fill();
    const { acknowledged, errors } = await appendUntilFull(world);
    for (const error of errors) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(audit|database)_unavailable$/), retryAfter: 5 });
      expect(codesOf(error).at(-1)).toBe('SQLITE_FULL');
    }
    await checkAcknowledged(world, 3, acknowledged);
    // It can be read, and published, but a seal has no room.
    expect(await outcomeOf(seal(world))).toMatchObject({ code: expect.stringMatching(/_unavailable$/) });
    await checkAcknowledged(world, 3, acknowledged);
    small.free();
    await grow(world.deps, 2);
    await seal(world);
    await checkSealed(world);
  });

  it.each([
    ['store', (folder: string) => ({ store: folder })],
    ['anchor', (folder: string) => ({ anchor: folder })],
  ] as const)('of the %s: rounds fail, no half is published, and a later round seals all', async (what, where) => {
    await open(where);
    await grow(world.deps, 3);
    await seal(world);
    const published = async () => [(await world.segments()).size, (await world.anchored()).size];
    expect(await published()).toEqual([1, 1]);
    small.fill();
    for (let round = 1; round <= 3; round++) {
      await grow(world.deps, 40);
      const failed = await outcomeOf(seal(world));
      expect(failed).toMatchObject({ code: 'store_unavailable' });
      expect(codesOf(failed).at(-1)).toBe('ENOSPC');
      // While only the anchor is full, segments are published, each whole.
      expect(await published()).toEqual(what === 'store' ? [1, 1] : [1 + round, 1]);
      expect(await world.deps.db.read((rows) => rows.seals.newest(LOG), request())).toMatchObject({ size: 4 });
      expect(await compareLog(world.deps, LOG, request())).toMatchObject({ differs: null, foreign: [] });
    }
    small.free();
    expect(await seal(world)).toMatchObject({ events: 120, foreign: [] });
    await checkSealed(world);
  });
});
