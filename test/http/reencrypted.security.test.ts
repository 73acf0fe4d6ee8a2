// A recording that is encrypted again while somebody listens: the stream is cut, not ended, and goes on with the new one.
import { afterEach, describe, expect, test } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { reencrypt } from '../../src/vault/reencrypt/reencrypt.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

let world: World;
afterEach(() => world.end());

/** A world with a recording of so many bytes, and a session on it. */
async function begin(size: number) {
  world = await makeWorld();
  const { harbour, vault } = world;
  const body = wav(size - 44);
  const { recording } = (await (await world.ingest(harbour, 'call', body)).json()) as { recording: string };
  const media = `/v1/sessions/${await world.session(harbour, await world.grant(harbour, recording))}/media`;
  const hear = (headers: Readonly<Record<string, string>> = {}) =>
    world.call('GET', media, { key: harbour.reviewer.key, headers });
  const again = async (): Promise<void> => {
    const what = { tenant: harbour.tenant, recording, why: 'host' } as const;
    for await (const done of reencrypt(vault, operatorActor('op-1'), what, { signal: AbortSignal.timeout(600_000) })) {
      expect(done.left).toBe(false);
    }
  };
  return { body, hear, again };
}

describe('a recording that is encrypted again', () => {
  test('is cut where it is being sent, and its old ETag begins it again from the start', async () => {
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

    // A client that goes on by If-Range is given all of it; the bytes are the same.
    const whole = await hear({ range: `bytes=${heard}-`, 'if-range': etag });
    expect(whole.status).toBe(200);
    expect(whole.headers.get('etag')).not.toBe(etag);
    expect(Buffer.from(await whole.arrayBuffer()).equals(body)).toBe(true);
    const piece = await hear({ range: 'bytes=0-99', 'if-range': whole.headers.get('etag') ?? '' });
    expect(piece.status).toBe(206);
    expect(Buffer.from(await piece.arrayBuffer()).equals(body.subarray(0, 100))).toBe(true);
  });

  test('answers 503 to who asked a moment too early, and never with another object’s bytes', async () => {
    const { body, hear, again } = await begin(100_000);
    const { store } = world.vault;
    let early = true;
    // The rows were read; before the first byte is, the old blob goes.
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
    expect(problem.detail).toContain('encrypted again');
    expect(Buffer.from(await (await hear()).arrayBuffer()).equals(body)).toBe(true);
  });
});
