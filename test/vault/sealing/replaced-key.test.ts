// While a signing key is replaced, the old one alone is believed about nothing that came after the new one.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logName } from '../../../src/model/audit-event.ts';
import { checkpointText } from '../../../src/model/log/checkpoint.ts';
import { segmentName, writeSegment } from '../../../src/model/log/segment.ts';
import { compareLog } from '../../../src/vault/sealing/compare-log.ts';
import { sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { type LogsState, logSealer } from '../../../src/vault/sealing/seal-logs.ts';
import { ORIGIN } from '../../support/fixture-rows.ts';
import { restore } from '../../support/restoring.ts';
import { grow, LOG, request, type SealedLogWorld, type SealingDeps, sealedLog } from '../../support/sealing.ts';
import { sqliteDatabase } from '../../support/sqlite-database.ts';

const FORGED = 9_999;

describe('a signing key that is being replaced', () => {
  let world: SealedLogWorld;
  let both: SealingDeps;
  beforeEach(async () => {
    world = await sealedLog();
    both = { ...world.deps, signer: await world.signerOf('first', 'second') };
    await grow(world.deps, 3);
    await sealLog(world.deps, new Map(), LOG, request());
  });
  afterEach(() => world.end());

  /** Anyone with the old key says that the log has more events. */
  async function forge(where: 'segments' | 'anchor', size = FORGED): Promise<void> {
    const old = await world.signerOf('first');
    const name = logName(ORIGIN, LOG);
    const note = old.sign(name, checkpointText({ log: name, size, root: Buffer.alloc(32, 1) }));
    const leaves = [Buffer.from('{}')];
    await world.putRaw(
      where,
      segmentName(size),
      where === 'anchor' ? Buffer.from(note) : writeSegment({ note, leaves }),
    );
  }
  const differs = async (deps: SealingDeps) => (await compareLog(deps, LOG, request())).differs;

  it('counts alone until the new one has sealed', async () => {
    await forge('anchor');
    expect(await differs(both)).toBe('behind');
  });

  it.each(['segments', 'anchor'] as const)(
    'counts for nothing above a seal of the new one, in the %s',
    async (where) => {
      await sealLog(both, new Map(), LOG, request());
      await forge(where);
      expect(await compareLog(both, LOG, request())).toMatchObject({ differs: null, published: { size: 5 } });
      // It raises the alarm that junk raises, and the log goes on.
      await grow(both, 1);
      let state: LogsState | null = null;
      await logSealer(both, (now) => (state = now))(request());
      expect(state).toMatchObject({ held: 0, stopped: 0, unsealed: 0, foreign: 1 });
    },
  );

  it('counts for nothing among many, and for what is below', async () => {
    await sealLog(both, new Map(), LOG, request());
    for (let n = 0; n < 10; n++) await forge('anchor', FORGED + n);
    expect(await compareLog(both, LOG, request())).toMatchObject({ differs: null, published: { size: 5 } });
    const empty = { ...(await world.over(await sqliteDatabase())), signer: both.signer };
    expect(await compareLog(empty, LOG, request())).toMatchObject({ differs: 'behind', published: { size: 5 } });
  });

  it('restores an empty database from what the new one signed', async () => {
    await sealLog(both, new Map(), LOG, request());
    for (const where of ['segments', 'anchor'] as const) await forge(where);
    const empty = { ...(await world.over(await sqliteDatabase())), signer: both.signer };
    expect(await restore(empty)).toMatchObject({ was: 'behind', from: 0, to: 4 });
    expect(await differs(empty)).toBe(null);
  });
});
