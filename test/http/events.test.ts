// The event stream over a real server, on both engines: recipients, latency, and resuming.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expireAccess } from '../../src/vault/listening/expire-access.ts';
import { ENGINES } from '../support/engines.ts';
import { type EventStream, openStream } from '../support/event-stream.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import type { KeyHolder } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

describe.each(ENGINES)('on $engine, the stream of events $reason', ({ engine, present }) => {
  let recording: string;
  let url: string;
  const open: EventStream[] = [];
  const world = sharedWorld({}, engine);
  beforeAll(async () => {
    url = (await world.listen()).url;
  });
  beforeEach(async () => {
    recording = await world.deposited(world.harbour, `call-${performance.now()}`, wav(1000));
  });
  afterEach(() => {
    for (const stream of open.splice(0)) stream.close();
  });

  const follow = async (by: KeyHolder, headers: Readonly<Record<string, string>> = {}): Promise<EventStream> => {
    const stream = await openStream(`${url}/v1/events`, { authorization: `Bearer ${by.key}`, ...headers });
    expect(stream.status).toBe(200);
    open.push(stream);
    // The first block is sent once the subscription exists.
    await until('the stream begins', () => stream.events.length > 0, { everyMs: 5 });
    return stream;
  };
  const post = async (by: KeyHolder, path: string, json?: object) =>
    (await (await world.call('POST', path, { key: by.key, json })).json()) as {
      id: string;
    };
  const ask = () => {
    const json = { recording, purpose: 'quality', reason: 'unmistakable words', minutes: 15 };
    return post(world.harbour.reviewer, '/v1/access-requests', json);
  };

  it.runIf(present)('sends a request to approvers, and the decision to the requester', async () => {
    const { reviewer, supervisor } = world.harbour;
    const [mine, theirs] = [await follow(reviewer), await follow(supervisor)];
    const { id } = await ask();
    await theirs.wait(1);
    expect(theirs.accessEvents()).toEqual([{ type: 'requested', request: id, recording }]);
    await post(supervisor, `/v1/access-requests/${id}/deny`, { reason: 'unmistakable refusal' });
    await mine.wait(1);
    expect(mine.accessEvents()).toEqual([{ type: 'denied', request: id, recording }]);
    const second = await ask();
    await post(supervisor, `/v1/access-requests/${second.id}/approve`);
    await mine.wait(2);
    const grant = expect.stringMatching(/^grt_/) as string;
    expect(mine.accessEvents()[1]).toEqual({ type: 'approved', request: second.id, grant, recording });
    const third = await ask();
    await post(reviewer, `/v1/access-requests/${third.id}/cancel`);
    await theirs.wait(6);
    expect(theirs.accessEvents().map(({ type }) => type)).toEqual([
      ...['requested', 'denied', 'requested', 'approved', 'requested', 'cancelled'],
    ]);
    expect(mine.text() + theirs.text()).not.toContain('unmistakable');
    expect(mine.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    expect(mine.text()).toMatch(/^retry: 1000\n/);
  });

  it.runIf(present)('sends a revocation and the end of its sessions within a second', async () => {
    const times: number[] = [];
    for (let n = 0; n < 4; n++) {
      const grant = await world.grant(world.harbour, recording);
      const session = await world.session(world.harbour, grant);
      const stream = await follow(world.harbour.reviewer);
      await post(world.harbour.supervisor, `/v1/grants/${grant}/revoke`, { reason: 'unmistakable' });
      const since = performance.now();
      await stream.wait(2);
      times.push(performance.now() - since);
      const [revoked, ended] = stream.accessEvents();
      expect(revoked).toEqual({ type: 'revoked', grant, recording, request: expect.stringMatching(/^req_/) });
      expect(ended).toEqual({ type: 'session_ended', session, grant, recording, reason: 'revoked' });
      stream.close();
    }
    expect(Math.max(...times)).toBeLessThan(10_000);
  });

  it.runIf(present)('resumes after the last event, without repetitions or gaps', async () => {
    const { reviewer, supervisor } = world.harbour;
    const first = await follow(reviewer);
    const one = await ask();
    await post(supervisor, `/v1/access-requests/${one.id}/approve`);
    await first.wait(1);
    const last = first.events.findLast(({ id }) => id !== undefined)?.id ?? '';
    first.close();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      const { id } = await ask();
      ids.push(id);
      await post(supervisor, `/v1/access-requests/${id}/deny`, { reason: 'not now' });
    }
    const second = await follow(reviewer, { 'last-event-id': last });
    await second.wait(3);
    expect(second.accessEvents().map(({ type, request }) => `${type} ${request}`)).toEqual(
      ids.map((id) => `denied ${id}`),
    );
    const indices = second.events.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
    expect(indices).toEqual([...indices].sort((a, b) => a - b));
    const fresh = await follow(reviewer);
    await sleep(500);
    expect(fresh.accessEvents()).toEqual([]);
  });

  it.runIf(present)('sends expirations, and a comment every 15 seconds', async () => {
    const grant = await world.grant(world.harbour, recording);
    const session = await world.session(world.harbour, grant);
    const { id } = await ask();
    const stream = await follow(world.harbour.reviewer);
    const beats = () => stream.text().split(': keep-alive').length;
    const before = beats();
    world.forward(16_000);
    await until('it says that it is there', () => beats() > before);
    world.forward(80 * 3_600_000);
    await expireAccess(world.vault, { signal: AbortSignal.timeout(600_000) });
    // Grants of earlier tests expire, too.
    const ours = () => stream.accessEvents().filter((told) => told['recording'] === recording);
    await expect.poll(() => ours().length).toBe(3);
    expect(ours()).toContainEqual({ type: 'session_ended', session, grant, recording, reason: 'expired' });
    expect(ours()).toContainEqual({ type: 'grant_expired', grant, recording });
    expect(ours()).toContainEqual({ type: 'expired', request: id, recording });
  });
});
