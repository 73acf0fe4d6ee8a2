// An erasure that crashes before or after each call, in each pass: the next run ends with the same result.
import { expect, it } from 'vitest';
import { VaultError } from '../../../src/errors.ts';
import { entryStorer } from '../../../src/vault/amendments/store-entries.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { addEntries } from '../../support/entries.ts';
import { freshErasureWorld } from '../../support/erasure-world.ts';

const world = freshErasureWorld('sqlite');

/** The vault of a process that crashes at call number `at`, before or after making it; no call works after that. */
function dying(at: number, made: boolean) {
  let calls = 0;
  const dead = () => new VaultError('internal', 'dead');
  const watch = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...given: unknown[]): unknown => {
          const call = calls++;
          if (call > at || (call === at && (!made || name === 'list'))) throw dead();
          const answer: unknown = Reflect.apply(method, target, given);
          if (call < at) return answer;
          return Promise.resolve(answer).then(() => {
            throw dead();
          });
        };
      },
    });
  const { vault } = world;
  const vaultOf: Vault = { ...vault, db: watch(vault.db), store: watch(vault.store) };
  return { vault: vaultOf, died: () => calls > at, calls: () => calls };
}

it.each([true, false])('ends with the same result wherever it crashed, its last call made: %s', async (made) => {
  const { tenant } = world.harbour;
  // All recordings first: days pass below, and API keys expire.
  const recordings: string[] = [];
  for (let n = 0; n < 70; n++) {
    const recording = await world.ingested(world.harbour, `call-${n}`);
    await addEntries(world.vault, tenant, recording, 2);
    recordings.push(recording);
  }
  expect(await entryStorer(world.vault, () => undefined)(world.request())).toBe(140);
  let died = 0;
  for (let at = 0; ; at++) {
    const recording = recordings[at];
    if (recording === undefined) throw new Error('more calls than this test thought of');
    let left = at;
    // One life after another: the command, then the three passes; the process crashes in one of them.
    const lives: readonly ((vault: Vault) => Promise<unknown>)[] = [
      (vault: Vault) => world.erase(tenant, recording, 'request', vault),
      ...[0, 181_000, 24 * 3_600_000 + 1000].map((ahead) => (vault: Vault) => {
        world.forward(ahead);
        return world.on(vault);
      }),
    ];
    let dead = false;
    for (const life of lives) {
      const process = dying(dead ? Number.POSITIVE_INFINITY : left, made);
      await Promise.resolve()
        .then(() => life(process.vault))
        .catch(() => undefined);
      if (!process.died()) {
        left -= process.calls();
        continue;
      }
      dead = true;
      died++;
      world.forward(61_000);
      await life(world.vault);
    }
    await expectErased(recording);
    if (!dead) break;
  }
  expect(died).toBeGreaterThan(20);

  async function expectErased(recording: string): Promise<void> {
    await world.read(async (rows) => {
      expect((await rows.recordings.find(tenant, recording))?.state).toBe('ERASED');
      const erasure = await rows.erasures.find(tenant, recording);
      expect(erasure).toMatchObject({ pass: 3, due: null });
      for (const { id, state } of await rows.deposits.ofRecording(tenant, recording)) {
        expect([state, await rows.wrappedKeys.find(tenant, id)]).toEqual(['ABORTED', null]);
      }
      expect(erasure?.list).toBe(erasure?.tombstone);
      expect(await world.names(recording)).toEqual([]);
      expect((await world.lists(tenant)).filter((name) => name === erasure?.list)).toHaveLength(1);
    });
    const begun = (await world.leaves(tenant)).filter(({ object }) => object.id === recording);
    const ends = begun.map(({ action }) => action).filter((action) => action.startsWith('recording.eras'));
    expect(ends).toEqual(['recording.erasing', 'recording.erased']);
  }
});
