// Signals to a real process: SIGTERM lets a deposit finish, a second one does not, SIGUSR1 opens nothing.
import { once } from 'node:events';
import { type IncomingMessage, request as open } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStream } from '../support/event-stream.ts';
import { digestOf, playbackDigest, wavHeader } from '../support/fault-client.ts';
import {
  type Deployment,
  newDeployment,
  type Server,
  type StaffedTenant,
  staffDeployment,
  startServer,
} from '../support/fault-deployment.ts';
import { until } from '../support/until.ts';

let deployment: Deployment;
let people: StaffedTenant;
const pieces = [wavHeader(400_000), ...Array.from({ length: 8 }, (_, n) => Buffer.alloc(50_000, n + 1))];

beforeAll(async () => {
  deployment = await newDeployment({ CALLVAULT_METRICS_LISTEN: '127.0.0.1:0' });
  people = await staffDeployment(deployment);
});
afterAll(() => deployment.remove());

/** Begins a deposit and leaves it half sent. */
async function begin(server: Server, call: string) {
  const request = open(`${server.url}/v1/ingest/pbx/${call}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${people.depositor}`,
      'content-type': 'audio/wav',
      'content-length': 400_044,
      expect: '100-continue',
    },
  });
  request.on('error', () => undefined);
  request.flushHeaders();
  await once(request, 'continue');
  for (const piece of pieces.slice(0, 4)) request.write(piece);
  await sleep(200);
  return request;
}

function opsOf(server: Server): string {
  return `http://127.0.0.1:${/"port":(\d+),"msg":"metrics listening"/.exec(server.log())?.[1]}`;
}

it('completes and acknowledges a deposit in flight at SIGTERM, and accepts no other', async () => {
  const server = await startServer(deployment);
  const ops = opsOf(server);
  expect((await fetch(`${ops}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${ops}/metrics`)).text()).toMatch(/^nodejs_eventloop_lag_seconds [\d.]/m);
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  const request = await begin(server, 'in-flight');
  server.signal('SIGTERM');
  await until('it drains', () => server.log().includes('"msg":"draining"'));
  const told = await fetch(`${ops}/readyz`);
  expect({ status: told.status, ...((await told.json()) as object) }).toMatchObject({ status: 'draining' });
  expect(told.status).toBe(503);
  expect((await fetch(`${ops}/healthz`)).status).toBe(200);
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  const answered = once(request, 'response');
  for (const piece of pieces.slice(4)) request.write(piece);
  request.end();
  const [response] = (await answered) as [IncomingMessage];
  let text = '';
  for await (const piece of response) text += String(piece);
  expect(response.statusCode).toBe(201);
  expect(response.headers.connection).toBe('close');
  const { recording, sha256 } = JSON.parse(text) as { recording: string; sha256: string };
  expect(sha256).toBe(digestOf(pieces));
  expect(await server.ended()).toBe(0);
  expect(server.log()).toMatch(/"msg":"draining".*"status":201.*"msg":"ended"/s);
  const again = await startServer(deployment);
  expect(await playbackDigest(again.url, people, recording)).toBe(sha256);
  await again.stop();
});

it('exits at once at a second signal, with the signal in its exit code', async () => {
  const server = await startServer(deployment);
  await begin(server, 'cut');
  server.signal('SIGTERM');
  await until('it drains', () => server.log().includes('"msg":"draining"'));
  // Two signals within a moment count as one key press.
  await sleep(400);
  server.signal('SIGINT');
  expect(await server.ended()).toBe(130);
  expect(server.log()).not.toContain('"msg":"ended"');
});

it('counts two signals of one key press as one', async () => {
  const server = await startServer(deployment);
  server.signal('SIGINT');
  server.signal('SIGINT');
  expect(await server.ended()).toBe(0);
});

it('ends an event stream at the first signal, which delays nothing', async () => {
  const server = await startServer(deployment);
  const stream = await openStream(`${server.url}/v1/events`, { authorization: `Bearer ${people.reviewer}` });
  expect(stream.status).toBe(200);
  server.signal('SIGTERM');
  await stream.ended;
  expect(await server.ended()).toBe(0);
  expect(server.log()).not.toContain('requests were cut');
});

it('opens no inspector and ends nothing at SIGUSR1', async () => {
  const server = await startServer(deployment);
  server.signal('SIGUSR1');
  await sleep(300);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect(server.log()).not.toMatch(/debugger|inspector/i);
  await server.stop();
  expect(await server.ended()).toBe(0);
});

it('exits where its address is taken, although it already serves metrics', async () => {
  const server = await startServer(deployment);
  const taken = { ...deployment, env: { ...deployment.env, CALLVAULT_LISTEN: new URL(server.url).host } };
  await expect(startServer(taken)).rejects.toThrow(/another process listens at/);
  await server.stop();
});
