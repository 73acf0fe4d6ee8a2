// Reading logs again: every edit of stored events, checkpoints and tiles is found, once a day and by one process.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/model/audit-event.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { addOperator } from '../../../src/vault/people/add-operator.ts';
import { deactivatePrincipal } from '../../../src/vault/people/deactivate.ts';
import { rereadLog } from '../../../src/vault/sealing/reread-log.ts';
import { logRereader, type RereadState } from '../../../src/vault/sealing/reread-logs.ts';
import { sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { ENGINES } from '../../support/engines.ts';
import { grow, LOG, request, type SealedLogWorld, sealedLog } from '../../support/sealing.ts';

const HOUR_MS = 3_600_000;

describe.each(ENGINES)('a log that is read again on $engine $reason', ({ engine, present }) => {
  let world: SealedLogWorld;
  let free: string[];
  beforeEach(async () => {
    if (!present) return;
    world = await sealedLog(engine === 'sqlite' ? 'sqlite' : 'postgresql');
    free =
      engine === 'sqlite'
        ? ['update', 'delete'].map((action) => `drop trigger if exists audit_event_${action}`)
        : ['drop trigger if exists audit_event_only_grows on audit_event'];
    await grow(world.deps, 299);
    await sealLog(world.deps, new Map(), LOG, request());
    await grow(world.deps, 299);
    await sealLog(world.deps, new Map(), LOG, request());
    // Not sealed.
    await grow(world.deps, 7);
  });
  afterEach(() => (present ? world.end() : undefined));

  const literal = (bytes: Uint8Array): string => {
    const hex = Buffer.from(bytes).toString('hex');
    return engine === 'sqlite' ? `x'${hex}'` : `'\\x${hex}'`;
  };
  const edit = async (statement: string): Promise<void> => {
    for (const one of [...free, statement]) await world.tested.run(one);
  };
  const eventAt = async (seq: number) => {
    const [event] = await world.deps.db.read((rows) => rows.log.events(LOG, seq, 1), request());
    return event ?? expect.fail(`no event ${seq}`);
  };
  const reread = async () => (await rereadLog(world.deps, LOG, request())).findings;

  it.runIf(present)('is whole, sealed or not', async () => {
    const { events, findings } = await rereadLog(world.deps, LOG, request());
    // With `log.adopted`.
    expect({ events, findings }).toEqual({ events: 606, findings: [] });
  });

  it.runIf(present)('has an event changed, with its hash or without', async () => {
    const { leaf } = await eventAt(5);
    const other = Buffer.from(Buffer.from(leaf).toString().replace('"op-1"', '"op-2"'));
    await edit(`update audit_event set leaf = ${literal(other)} where seq = 5`);
    // The tile above it and both checkpoints too: its stored hash is still the one that they have.
    const above = [
      { code: 'tile_differs', index: 0 },
      { code: 'hash', index: 5 },
      { code: 'fork', index: 300 },
      { code: 'fork', index: 599 },
    ];
    expect(await reread()).toEqual(above);
    await edit(`update audit_event set hash = ${literal(leafHash(other))} where seq = 5`);
    expect(await reread()).toEqual(above.filter(({ code }) => code !== 'hash'));
  });

  it.runIf(present)('lacks an event', async () => {
    await edit('delete from audit_event where seq = 600');
    expect(await reread()).toContainEqual({ code: 'gap', index: 601 });
    await edit('delete from audit_event where seq > 599');
    expect(await reread()).toEqual([{ code: 'gap', index: 600 }]);
  });

  it.runIf(present)('has another tile or another checkpoint', async () => {
    await edit(`update audit_tile set hashes = ${literal(Buffer.alloc(64, 1))} where level = 1`);
    expect(await reread()).toEqual([{ code: 'tile_differs', index: 0 }]);
    await edit('delete from audit_tile');
    expect(await reread()).toEqual([{ code: 'tile_differs', index: 0 }]);
    await edit("update audit_seal set note = 'none' where size = 300");
    expect(await reread()).toContainEqual({ code: 'fork', index: 300 });
  });

  it.runIf(present)('names an operator who is deactivated by the log and active by the row', async () => {
    const [by, wait] = [operatorActor('op-1'), request()];
    const id = await addOperator(world.deps, by, 'ops-2', 'operator', wait);
    const keys = { get: () => expect.fail('a log of no tenant has no key') };
    let ahead = 0;
    const clock = { ...world.deps.clock, now: () => Date.now() + ahead };
    const read = () => logRereader({ ...world.deps, clock, metadataKeys: keys as never }, () => undefined)(request());
    expect(await read()).toBe(1);
    await deactivatePrincipal({ ...world.deps, sessionKeys: { end: () => undefined } as never }, by, LOG, id, wait);
    await world.tested.run("update principal set state = 'ACTIVE'");
    ahead = 25 * HOUR_MS;
    await expect(read()).rejects.toMatchObject({
      code: 'integrity',
      message: `the log of deployment has 1 faults, the first: row_differs at ${id}`,
    });
    await world.tested.run("update principal set state = 'OFF'");
    ahead = 50 * HOUR_MS;
    expect(await read()).toBe(1);
  });

  it.runIf(present)(
    'is read once a day, by one of two processes, and again after a reading that was cut off',
    async () => {
      let ahead = 0;
      const states: RereadState[] = [];
      const processOf = (deps: typeof world.deps) => {
        const clock = { ...deps.clock, now: () => Date.now() + ahead };
        const keys = { get: () => expect.fail('a log of no tenant has no key') };
        return logRereader({ ...deps, clock, metadataKeys: keys as never }, (state) => void states.push(state));
      };
      const [one, other] = [processOf(world.deps), processOf(await world.another())];
      expect((await Promise.all([one(request()), other(request())])).sort()).toEqual([0, 1]);
      ahead = 23 * HOUR_MS;
      expect(await one(request())).toBe(0);
      ahead = 25 * HOUR_MS;
      const cut = new AbortController();
      cut.abort(new Error('cut off'));
      await world.deps.db.note(
        (notes) =>
          notes.seals.reread(
            LOG,
            new Date(Date.now() + 2 * HOUR_MS).toISOString(),
            new Date(Date.now() + ahead).toISOString(),
          ),
        request(),
      );
      expect(await one(request())).toBe(0);
      ahead = 26.5 * HOUR_MS;
      await edit('delete from audit_event where seq > 599');
      await expect(other(request())).rejects.toMatchObject({ code: 'integrity' });
      expect(states.at(-1)).toEqual({ logs: 1, faults: 1 });
      expect(await one(request())).toBe(0);
    },
  );
});
