// Re-encryption of a recording during playback: the stream is cut, and continues with the new object.
import { afterEach, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { reencrypt } from '../../src/vault/reencrypt/reencrypt.ts';
import { runAs } from '../support/allowed-statements.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

let world: World;
afterEach(() => world.end());

/** A world with a recording of this size and a session. */
async function begin(size: number) {
  world = await makeWorld();
  const { harbour, vault } = world;
  const body = wav(size - 44);
  const recording = await world.deposited(harbour, 'call', body);
  const media = `/v1/sessions/${await world.session(harbour, await world.grant(harbour, recording))}/media`;
  const hear = (headers: Readonly<Record<string, string>> = {}) =>
    world.call('GET', media, { key: harbour.reviewer.key, headers });
  const again = async (): Promise<void> => {
    const what = { tenant: harbour.tenant, recording, why: 'host' } as const;
    await runAs('operator', 'reencrypt', async () => {
      for await (const done of reencrypt(vault, operatorActor('op-1'), what, { signal: AbortSignal.timeout(600_000) }))
        expect(done.left).toBe(false);
    });
  };
  return { body, hear, again };
}

describe('a recording that is encrypted again', () => {
  it('is cut while it is being sent, and its old ETag restarts it from the beginning', async () => {
    const { body, hear, again } = await begin(20_000_000);
    const first = await hear();
    const etag = first.headers.get('etag') ?? '';
    const reader = first.body?.getReader();
    let heard = (await reader?.read())?.value?.length ?? 0;
    await again();
    const rest = async (): Promise<void> => {
      for (;;) {
        const next = await reader?.read();
        if (next === undefined || next.done) return;
        heard += next.value.length;
      }
    };
    await expect(rest()).rejects.toThrow();
    expect(heard).toBeGreaterThan(0);
    expect(heard).toBeLessThan(body.length);

    // A client that resumes with If-Range gets the whole object; the bytes are the same.
    const whole = await hear({ range: `bytes=${heard}-`, 'if-range': etag });
    expect(whole.status).toBe(200);
    expect(whole.headers.get('etag')).not.toBe(etag);
    expect(Buffer.from(await whole.arrayBuffer()).equals(body)).toBe(true);
    const piece = await hear({ range: 'bytes=0-99', 'if-range': whole.headers.get('etag') ?? '' });
    expect(piece.status).toBe(206);
    expect(Buffer.from(await piece.arrayBuffer()).equals(body.subarray(0, 100))).toBe(true);
  });

  it('returns 503 for a request a moment too early, and never another object’s bytes', async () => {
    const { body, hear, again } = await begin(100_000);
    const { store } = world.vault;
    let early = true;
    // The old blob is deleted after the rows were read and before the first byte.
    const reading: typeof store.read = (...args) => {
      if (!early) return store.read(...args);
      early = false;
      return (async function* () {
        await again();
        yield* store.read(...args);
      })();
    };
    Object.assign(world.vault, { store: { ...store, read: reading } });
    const problem = await expectProblem(await hear({ range: 'bytes=0-99' }), 503, 'not_available');
    expect(problem.detail).toContain('re-encrypted');
    expect(Buffer.from(await (await hear()).arrayBuffer()).equals(body)).toBe(true);
  });
});
