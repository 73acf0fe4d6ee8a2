// What still arrives of a call after a revocation while its reply is in flight: at a fast and a slow client, directly
// and through an installed nginx. Nothing of it is written to the proxy's disk.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { type Nginx, startNginx } from '../support/nginx.ts';
import { slowClient } from '../support/slow-client.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const nginxNeed = needs('nginx');
/** Bytes per second: 8 kHz, 16 bits, one channel. */
const SECOND = 16_000;
const MINUTES = 10;
/** Seconds served when the session ends: the first 30 and some at the pace. */
const UNTIL = 40;
/** Seconds that a slow client has in its own kernel, which no server can take back. */
const IN_THE_CLIENT = 20;

const world = sharedWorld({ paced: true });
let url: string;
let recording: string;

beforeAll(async () => {
  recording = await world.deposited(world.harbour, 'long', wav(MINUTES * 60 * SECOND));
  url = (await world.listen()).url;
});

type End = (ids: { readonly grant: string; readonly session: string }) => Promise<unknown>;

const revoke: End = ({ grant }) =>
  world.call('POST', `/v1/grants/${grant}/revoke`, { key: world.harbour.supervisor.key });
/** A revocation by another process, which this one sees in the row only. */
const endInTheRow: End = async ({ session }) =>
  world.sql.prepare("update session set state = 'ENDED', ended = opened, reason = 'revoked' where id = ?").run(session);
const takeTheKey: End = async () =>
  world.sql.prepare("update api_key set state = 'REVOKED' where principal = ?").run(world.harbour.reviewer.id);

/**
 * Reads at a rate until `UNTIL` seconds were served, ends the session, and reads the rest; returns seconds of the call.
 */
async function readUntilEnded(
  base: string,
  perSecond: number,
  end: End,
  { meanwhile = (): void => undefined, until = UNTIL } = {},
) {
  const { harbour } = world;
  const grant = await world.grant(harbour, recording);
  const session = await world.session(harbour, grant);
  const handedOut = () => world.sql.prepare('select bytes from session where id = ?').pluck().get(session) as number;
  const headers = { authorization: `Bearer ${harbour.reviewer.key}` };
  const client = slowClient(`${base}/v1/sessions/${session}/media`, headers, perSecond);
  try {
    const look = (): number => {
      meanwhile();
      return handedOut() / SECOND;
    };
    await expect.poll(look, { timeout: 60_000, interval: 200 }).toBeGreaterThan(until);
    const before = client.taken();
    await end({ grant, session });
    // A slow client reads on for longer than the time between two checks of the session.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    meanwhile();
    const slowly = client.taken() - before;
    const { bytes } = await client.rest();
    return {
      after: (slowly + bytes) / SECOND,
      all: (before + slowly + bytes) / SECOND,
      handedOut: handedOut() / SECOND,
    };
  } finally {
    client.close();
  }
}

describe('a reply whose session ends', () => {
  it.each<[string, number, End]>([
    ['revoked, and a client that reads 8 KiB a second', 8_192, revoke],
    ['revoked, and a client that reads at full speed', Number.POSITIVE_INFINITY, revoke],
    ['ended by another process, and a client that reads 8 KiB a second', 8_192, endInTheRow],
  ])('stops within seconds of the call: %s', async (_name, perSecond, end) => {
    const { after, all, handedOut } = await readUntilEnded(url, perSecond, end);
    expect(after).toBeLessThan(IN_THE_CLIENT);
    // No more arrives than was counted, except for the head of the reply.
    expect(all).toBeLessThan(handedOut + 0.1);
    expect(all).toBeLessThan(MINUTES * 60);
  });
});

describe.skipIf(!nginxNeed.present)(`a reply through nginx as it is installed ${nginxNeed.reason}`, () => {
  let nginx: Nginx;
  beforeAll(async () => {
    nginx = await startNginx(url);
  });
  afterAll(() => nginx.end());

  it('reaches a client at once, and stops at once', async () => {
    const { after, all } = await readUntilEnded(nginx.url, Number.POSITIVE_INFINITY, revoke);
    expect(after).toBeLessThan(IN_THE_CLIENT);
    expect(all).toBeLessThan(MINUTES * 60);
  });

  it('is not written to the proxy’s disk while a client reads slowly, and no more arrives than the pace let out', async () => {
    const spooled = new Set<string>();
    const { after, all, handedOut } = await readUntilEnded(nginx.url, 8_192, revoke, {
      meanwhile: () => {
        for (const file of nginx.spooled()) spooled.add(file);
      },
    });
    expect([...spooled]).toEqual([]);
    expect(all).toBeLessThan(handedOut + 0.1);
    // What nginx and the kernel had taken before is delivered.
    expect(after).toBeLessThan(2 * UNTIL);
    expect(all).toBeLessThan(MINUTES * 60);
  });

  it('stays in nginx where its socket buffers are small', async () => {
    const small = await startNginx(url, 'sndbuf=32k');
    try {
      const { after } = await readUntilEnded(small.url, 8_192, revoke, { until: 90 });
      expect(after).toBeLessThan(60);
    } finally {
      await small.end();
    }
  });
});

// The last case: the key is revoked for good.
describe('a reply whose API key is revoked', () => {
  it('stops within seconds of the call, although the client takes hardly anything', async () => {
    const { after } = await readUntilEnded(url, 8_192, takeTheKey);
    expect(after).toBeLessThan(IN_THE_CLIENT);
  });
});
