// A re-wrap beside erasures, deposits and suspensions: nothing of an erased recording returns, and no key is left out.
// Long because each order of steps is a separate case, over one fixture.
import { beforeEach, describe, expect, it } from 'vitest';
import { envelopePath, MAX_ENVELOPE, parseEnvelope } from '../../src/envelope/envelope.ts';
import { hasCode, VaultError } from '../../src/errors.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { ENGINES } from '../support/engines.ts';
import { freshErasureWorld } from '../support/erasure-world.ts';
import { gate } from '../support/fixture-rows.ts';
import { createBarrier, killableVault, rewrapping, startingAtFirstKey } from '../support/rewrapping.ts';
import { seedDeposits } from '../support/seed-deposits.ts';
import { wav } from '../support/wav.ts';
import { withoutCas } from '../support/without-cas.ts';

const by = operatorActor('op-1');
const PLACE = { region: '', bucket: '', prefix: '' };

describe.each(ENGINES)('a re-wrap over $engine $reason', ({ engine, present }) => {
  const suite = it.skipIf(!present);
  const world = freshErasureWorld(engine);
  let tenant: string;
  let rewraps: ReturnType<typeof rewrapping>;

  beforeEach(() => {
    ({ tenant } = world.harbour);
    rewraps = rewrapping(world, tenant);
  });

  const depositOf = async (recording: string) => {
    const [deposit] = await world.read((rows) => rows.deposits.ofRecording(tenant, recording));
    return deposit?.id ?? '';
  };
  const wrapOf = async (recording: string) => {
    const path = envelopePath(tenant, recording, await depositOf(recording));
    const found = await world.vault.store.get(PLACE, path, MAX_ENVELOPE, world.request());
    return found === null ? null : parseEnvelope(found.bytes).key.wrap;
  };
  /** What remains of a recording that could open it: wrapped keys, envelopes, blobs. */
  const leftOf = async (recording: string): Promise<readonly string[]> => {
    const names = [...(await world.names(`e/${recording}`)), ...(await world.names(`r/${recording}`))];
    return world.read(async (rows) => {
      for (const { id } of await rows.deposits.ofRecording(tenant, recording)) {
        if ((await rows.wrappedKeys.find(tenant, id)) !== null) names.push(`key of ${id}`);
      }
      return names;
    });
  };
  /** Runs background work until none is left. */
  const sweep = async (): Promise<void> => {
    while ((await world.on()) > 0);
  };
  const passes = async (): Promise<void> => {
    for (const ahead of [0, 181_000, 24 * 3_600_000 + 1000]) {
      world.forward(ahead);
      await sweep();
    }
  };
  const expectErased = async (recordings: readonly string[]): Promise<void> => {
    for (const recording of recordings) {
      expect([recording, await world.state(tenant, recording)]).toEqual([recording, 'ERASED']);
      expect(await leftOf(recording)).toEqual([]);
    }
  };
  const codeOf = (error: unknown): string => (error instanceof VaultError ? error.code : String(error));

  suite('of two runners beside erasures, deposits and suspensions restores nothing that was erased', {
    timeout: 120_000,
  }, async () => {
    const real: string[] = [];
    for (let n = 0; n < 6; n++) real.push(await world.ingested(world.harbour, `call-${n}`));
    const made = (await seedDeposits(world.vault, tenant, 150, world.request())).map(({ recording }) => recording);
    const { wrap } = await rewraps.raise();
    const doomed = [...real, ...made].filter((_, n) => n % 3 === 0);
    let over = false;

    const erasing = async (): Promise<void> => {
      for (const recording of doomed) await world.erase(tenant, recording);
    };
    const sweeping = async (): Promise<void> => {
      while (!over) {
        // A suspension overwrites keys while background work uses them: the next round repeats the work, as in a
        // process.
        await world.on().catch((error: unknown) => {
          if (!hasCode(error, 'key_zeroed')) throw error;
        });
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const statuses = new Set<number>();
    const depositing = async (): Promise<void> => {
      for (let n = 0; n < 8; n++) statuses.add((await world.ingest(world.harbour, `new-${n}`, wav(20_000 + n))).status);
    };
    const suspending = async (): Promise<void> => {
      for (let n = 0; n < 6; n++) {
        await suspendTenant(world.vault, by, tenant, world.request());
        await new Promise((resolve) => setImmediate(resolve));
        await resumeTenant(world.vault, by, tenant, world.request());
      }
    };
    const work = Promise.all([
      rewraps.run(rewraps.ignoringMatch()),
      rewraps.run(),
      erasing(),
      depositing(),
      suspending(),
    ]);
    const sweeps = sweeping();
    await work.finally(() => {
      over = true;
    });
    await sweeps;
    for (const status of statuses) expect([201, 503]).toContain(status);

    await passes();
    await expectErased(doomed);
    // Deposits rejected during the suspension are retried, and the next run finds what the two did not.
    for (let n = 0; n < 8; n++) {
      expect([200, 201]).toContain((await world.ingest(world.harbour, `new-${n}`, wav(20_000 + n))).status);
    }
    expect(await rewraps.run()).toMatchObject({ complete: true, refused: [], withoutEnvelope: [] });
    for (const recording of [...real, ...made].filter((one) => !doomed.includes(one)).slice(0, 20)) {
      expect(await wrapOf(recording)).toBe(wrap);
    }
  });

  suite('puts no key into a row whose recording is erased before the row changes', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    await rewraps.raise();
    const { reached, letGo, pass } = createBarrier();
    const slow: Vault['keys']['rewrap'] = async (key, from, to, wait) => {
      const moved = await world.vault.keys.rewrap(key, from, to, wait);
      if (from['vault:use'] !== 'metadata') await pass();
      return moved;
    };
    const runOn = (vault: Vault) => rewraps.run({ ...vault, keys: { ...vault.keys, rewrap: slow } });
    const running = runOn(world.vault);
    await reached;
    await world.erase(tenant, recording);
    await sweep();
    letGo();
    expect(await running).toMatchObject({ keys: 0, others: 1, complete: true });
    expect(await leftOf(recording)).toEqual([]);
  });

  suite('does so with compare-and-set removed: these cases can fail', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    await rewraps.raise();
    const { reached, letGo, pass } = createBarrier();
    const slow: Vault['keys']['rewrap'] = async (key, from, to, wait) => {
      if (from['vault:use'] !== 'metadata') await pass();
      return world.vault.keys.rewrap(key, from, to, wait);
    };
    const vault = withoutCas(world.vault);
    const running = rewraps.run({ ...vault, keys: { ...vault.keys, rewrap: slow } });
    await reached;
    await world.erase(tenant, recording);
    letGo();
    await running;
    expect(await leftOf(recording)).toContainEqual(expect.stringMatching(/^key of /));
  });

  suite.each(['the erasure alone', 'its first pass too'])(
    'deletes the envelope that it wrote during an erasure: between reading and writing came %s',
    async (how) => {
      const recording = await world.ingested(world.harbour, 'call-1');
      await rewraps.raise();
      const { reached, letGo, pass } = createBarrier();
      let landed = false;
      const running = rewraps.run(
        rewraps.ignoringMatch(pass, async () => {
          landed = (await world.names(`e/${recording}`)).length === 1;
        }),
      );
      await reached;
      await world.erase(tenant, recording);
      if (how !== 'the erasure alone') {
        await sweep();
        expect(await leftOf(recording)).toEqual([]);
      }
      letGo();
      await running;
      expect(landed).toBe(true);
      expect(await world.names(`e/${recording}`)).toEqual([]);
      await passes();
      await expectErased([recording]);
    },
  );

  suite('deletes it too where another envelope of its batch could not be written', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    await world.ingested(world.harbour, 'call-2');
    await rewraps.raise();
    const { reached, letGo, pass } = createBarrier();
    const late = rewraps.ignoringMatch(pass);
    const replace: Vault['store']['replace'] = async (...of) => {
      if (of[1].includes(recording) || !of[1].includes('/e/')) return late.store.replace(...of);
      await reached;
      throw new VaultError('store_unavailable', 'planted');
    };
    const running = rewraps.run(startingAtFirstKey({ ...late, store: { ...late.store, replace } }));
    await reached;
    await world.erase(tenant, recording);
    await sweep();
    letGo();
    await expect(running).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await leftOf(recording)).toEqual([]);
    expect(await rewraps.run()).toMatchObject({ complete: true });
  });

  suite('deletes it too where its operator stops it meanwhile', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    await rewraps.raise();
    const { reached, letGo, pass } = createBarrier();
    const stop = new AbortController();
    const running = rewraps.run(rewraps.ignoringMatch(pass), { signal: stop.signal });
    await reached;
    await world.erase(tenant, recording);
    await sweep();
    stop.abort(new Error('stopped'));
    letGo();
    await expect(running).rejects.toThrow('stopped');
    expect(await leftOf(recording)).toEqual([]);
  });

  suite('killed before it checks the rows again leaves it to the erasure’s second pass', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    await rewraps.raise();
    const { reached, letGo, pass } = createBarrier();
    const process = killableVault(world.vault);
    const { replace } = rewraps.ignoringMatch(pass, async () => {
      throw process.kill();
    }).store;
    const running = rewraps.run({ ...process.vault, store: { ...process.vault.store, replace } });
    await reached;
    await world.erase(tenant, recording);
    await sweep();
    letGo();
    await expect(running).rejects.toThrow('killed');
    // The row's key is deleted; one envelope has one wrapped key, for three minutes.
    expect(await world.names(`e/${recording}`)).toHaveLength(1);
    expect(await world.state(tenant, recording)).toBe('ERASING');
    world.forward(181_000);
    await sweep();
    await expectErased([recording]);
    expect(await rewraps.run()).toMatchObject({ complete: true });
  });

  suite('that has changed the row writes no envelope once the recording is erased', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    await rewraps.raise();
    const { reached, letGo, pass } = createBarrier();
    const { store } = world.vault;
    const get: Vault['store']['get'] = async (...of) => {
      if (of[1].includes('/e/')) await pass();
      return store.get(...of);
    };
    const running = rewraps.run({ ...world.vault, store: { ...store, get } });
    await reached;
    expect(await world.read((rows) => rows.wrappedKeys.envelopesBehind(tenant, '', 10))).toHaveLength(1);
    await world.erase(tenant, recording);
    letGo();
    // Still there for the erasure to delete, or written and deleted again: it does not return after that.
    await running;
    await sweep();
    expect(await leftOf(recording)).toEqual([]);
  });

  suite.each(['COMMITTING', 'UPLOADING'] as const)(
    'leaves a deposit that is %s as the generation rises to a later run, which re-wraps it',
    async (state) => {
      await world.ingested(world.harbour, 'call-1');
      const { reached, letGo, pass } = createBarrier();
      const { store } = world.vault;
      const put = store.put;
      // The world's vault serves the uploader: its store waits at the blob or at the envelope.
      Object.assign(store, {
        put: async (...of: Parameters<typeof put>) => {
          if (of[1].includes(state === 'COMMITTING' ? '/e/' : '/r/')) await pass();
          return put(...of);
        },
      });
      const storing = world.ingest(world.harbour, 'call-2', wav(20_000));
      await reached;
      Object.assign(store, { put });
      const { wrap } = await rewraps.raise();
      expect(await rewraps.left()).toMatchObject({ dataKeys: 1, underway: 1 });
      const first = await rewraps.run();
      expect(first).toMatchObject({ keys: 1, complete: false, backlog: { underway: 1 } });
      letGo();
      const reply = await storing;
      expect(reply.status).toBe(201);
      const { recording } = (await reply.json()) as { recording: string };
      expect(await wrapOf(recording)).toBe(1);
      expect(await rewraps.left()).toMatchObject({ dataKeys: 1, underway: 0 });
      expect(await rewraps.run()).toMatchObject({ keys: 1, complete: true });
      expect(await wrapOf(recording)).toBe(wrap);
      const grant = await world.grant(world.harbour, recording);
      const session = await world.session(world.harbour, grant);
      const heard = await world.call('GET', `/v1/sessions/${session}/media`, { key: world.harbour.reviewer.key });
      expect(heard.status).toBe(200);
      expect(Buffer.from(await heard.arrayBuffer()).equals(wav(20_000))).toBe(true);
    },
  );

  suite('re-wraps a deposit that becomes AVAILABLE while it runs', async () => {
    await world.ingested(world.harbour, 'call-1');
    const [storing, running] = [createBarrier(), createBarrier()];
    const { store } = world.vault;
    const put = store.put;
    Object.assign(store, {
      put: async (...of: Parameters<typeof put>) => {
        if (of[1].includes('/e/')) await storing.pass();
        return put(...of);
      },
    });
    const reply = world.ingest(world.harbour, 'call-2', wav(20_000));
    await storing.reached;
    Object.assign(store, { put });
    await rewraps.raise();
    const rewrap: Vault['keys']['rewrap'] = async (...of) => {
      if (of[1]['vault:use'] !== 'metadata') await running.pass();
      return world.vault.keys.rewrap(...of);
    };
    const run = rewraps.run({ ...world.vault, keys: { ...world.vault.keys, rewrap } });
    await running.reached;
    storing.letGo();
    expect((await reply).status).toBe(201);
    running.letGo();
    expect(await run).toMatchObject({ keys: 2, complete: true });
  });

  suite('by two that read the same keys before either has replaced one re-wraps each once', async () => {
    await seedDeposits(world.vault, tenant, 60, world.request());
    const { wrap } = await rewraps.raise();
    let arrived = 0;
    const both = gate();
    const change: Vault['db']['change'] = async (...of) => {
      if (++arrived === 2) both.open();
      await both.passed;
      return world.vault.db.change(...of);
    };
    const together = (vault: Vault): Vault => {
      let first = true;
      const meet: Vault['db']['change'] = (...of) => {
        if (!first) return vault.db.change(...of);
        first = false;
        return change(...of);
      };
      return { ...vault, db: { ...vault.db, change: meet } };
    };
    // The metadata key is re-wrapped already: the first change of either is a batch of data keys.
    await rewraps.run({ ...world.vault, db: { ...world.vault.db, read: noKeys(world.vault) } });
    const [one, two] = await Promise.all(
      [together, together].map((how) => rewraps.run(how(startingAtFirstKey(world.vault)))),
    );
    expect([one?.keys, two?.keys].sort()).toEqual([0, 60]);
    expect([two?.others, one?.others]).toEqual([one?.keys, two?.keys]);
    expect(await rewraps.told(wrap)).toBe(60);
    expect(await rewraps.left()).toMatchObject({ dataKeys: 0, envelopes: 0 });
  });

  suite('does not delay a suspension', async () => {
    await world.ingested(world.harbour, 'call-1');
    await rewraps.raise();
    const { reached, letGo, pass } = createBarrier();
    const { db } = world.vault;
    const change: Vault['db']['change'] = (work, wait) =>
      db.change(async (tx) => {
        const done = await work(tx);
        // The tenant's row is changed and not committed.
        await pass();
        return done;
      }, wait);
    const running = rewraps.run({ ...world.vault, db: { ...db, change } });
    await reached;
    const suspended = suspendTenant(world.vault, by, tenant, world.request()).then(() => 'suspended', codeOf);
    setTimeout(letGo, 200);
    expect(await suspended).toBe('suspended');
    expect(await running).toMatchObject({ metadataKey: true, complete: true });
    await resumeTenant(world.vault, by, tenant, world.request());
    expect((await world.ingest(world.harbour, 'call-2', wav(1000))).status).toBe(201);
  });
});

/** Reads that return no wrapped keys. */
function noKeys(vault: Vault): Vault['db']['read'] {
  return (work, wait) =>
    vault.db.read((rows) => work({ ...rows, wrappedKeys: { ...rows.wrappedKeys, below: async () => [] } }), wait);
}
