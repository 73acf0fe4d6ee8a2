// JSON bodies that arrive after their headers: the credential is checked once the whole body is there.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { createApiKey, revokeApiKey } from '../../src/vault/people/api-keys.ts';
import { until } from '../support/until.ts';
import { makeWorld, type World } from '../support/world.ts';

let world: World;
let port: number;
beforeAll(async () => {
  world = await makeWorld();
  ({ port } = await world.listen());
});
afterAll(() => world.end());
afterEach(() => vi.restoreAllMocks());

const BODY = JSON.stringify({ agent: 'nobody' });

/** A new API key of the reviewer. */
async function newKey() {
  const { tenant, reviewer } = world.harbour;
  const what = { tenant, principal: reviewer.id, days: 1, scopes: null };
  return createApiKey(world.vault, operatorActor('op-1'), what, { signal: AbortSignal.timeout(60_000) });
}

function headersOf(secret: string): string {
  const headers = [`authorization: Bearer ${secret}`, 'content-type: application/json', 'connection: close'];
  return `POST /v1/recordings/search HTTP/1.1\r\nhost: x\r\n${headers.join('\r\n')}\r\ncontent-length: ${BODY.length}\r\n\r\n`;
}

/** Sends both, `between` them; returns the status. */
async function sendParts(first: string, second: string, between: () => Promise<unknown>): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let reply = '';
  socket.on('data', (piece) => {
    reply += String(piece);
  });
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  socket.write(first);
  await between();
  socket.write(second);
  await closed;
  return Number(/^HTTP\/1\.1 (\d+)/.exec(reply)?.[1]);
}

/** Counts the reads of credentials, and how many of them have ended. */
function countChecks() {
  const counts = { begun: 0, ended: 0 };
  const read = world.vault.db.read.bind(world.vault.db);
  vi.spyOn(world.vault.db, 'read').mockImplementation(async (work, wait) => {
    let checks = false;
    try {
      return await read((rows) => {
        const apiKey: typeof rows.looks.apiKey = (id) => {
          checks = true;
          counts.begun++;
          return rows.looks.apiKey(id);
        };
        return work({ ...rows, looks: { ...rows.looks, apiKey } });
      }, wait);
    } finally {
      if (checks) counts.ended++;
    }
  });
  return counts;
}

it('a key that is revoked while the body arrives is rejected', async () => {
  const key = await newKey();
  const counts = countChecks();
  const status = await sendParts(headersOf(key.secret), BODY, async () => {
    await until('the key was checked', () => counts.ended === 1);
    await revokeApiKey(world.vault, operatorActor('op-1'), key.id, null, { signal: AbortSignal.timeout(60_000) });
  });
  expect([status, counts.begun]).toEqual([401, 2]);
});

it('a key is checked again after a body that arrives in two pieces', async () => {
  const key = await newKey();
  const counts = countChecks();
  const half = BODY.length / 2;
  const status = await sendParts(headersOf(key.secret) + BODY.slice(0, half), BODY.slice(half), () =>
    until('the key was checked', () => counts.ended === 1),
  );
  expect([status, counts.begun]).toEqual([200, 2]);
});

it('a key is checked once where the body arrives with the headers', async () => {
  const key = await newKey();
  const counts = countChecks();
  expect(await sendParts(headersOf(key.secret) + BODY, '', () => sleep(0))).toBe(200);
  expect(counts.begun).toBe(1);
});
