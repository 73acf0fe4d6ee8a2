// Following a log that another process writes: over both databases, in the log's order, without gaps.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { approve } from '../../../src/vault/access/decide.ts';
import { requestAccess } from '../../../src/vault/access/request-access.ts';
import { revokeGrant } from '../../../src/vault/access/revoke.ts';
import { deposit } from '../../../src/vault/deposit/deposit.ts';
import { type EventFeed, eventFeed } from '../../../src/vault/event-feed/event-feed.ts';
import { needs } from '../../support/needs.ts';
import { until } from '../../support/until.ts';
import { addPerson, callAudio, openTestVault, type TestVault, wavOf } from '../../support/vault.ts';

let used: TestVault | undefined;
afterEach(async () => {
  await used?.close();
  used = undefined;
});

const ENGINES = [
  { engine: 'sqlite' as const, present: true, reason: '' },
  { engine: 'postgresql' as const, ...needs('postgresql') },
];

describe.each(ENGINES)('over $engine $reason', ({ engine, present }) => {
  it.runIf(present)('delivers an event of another process, soon and once', async () => {
    const opened = await openTestVault(engine);
    used = opened;
    const { vault, uploader, request } = opened;
    const other = await opened.another();
    const [reviewer, supervisor] = [await addPerson(opened, 'reviewer'), await addPerson(opened, 'supervisor')];
    const made = await deposit(vault, uploader, callAudio('call', wavOf(1000)), request);
    let ends = false;
    const tails: EventFeed = eventFeed(vault, () => ends);
    const follower = await tails.subscribe(reviewer, null, request);
    expect(await follower.next()).toMatchObject({ update: null });
    const told: unknown[] = [];
    const times: number[] = [];
    const reading = (async () => {
      for (let one = await follower.next(); one !== null; one = await follower.next()) {
        told.push(one.update);
        times.push(performance.now());
      }
    })();
    const wanted: unknown[] = [];
    const delays: number[] = [];
    for (let n = 0; n < 5; n++) {
      const wish = { recording: made.recording, purpose: 'quality', reason: 'why', objects: ['audio'], minutes: 5 };
      const asked = (await requestAccess(other, reviewer, wish, request)).request.id;
      const grant = (await approve(other, supervisor, asked, {}, request)).grant?.id ?? '';
      await revokeGrant(other, supervisor, grant, null, request);
      const since = performance.now();
      const names = { request: asked, grant, recording: made.recording };
      wanted.push({ type: 'approved', ...names }, { type: 'revoked', ...names });
      await until('all of it is told', () => told.length >= wanted.length, { everyMs: 2 });
      delays.push((times.at(-1) ?? since) - since);
    }
    expect(told).toEqual(wanted);
    expect(Math.max(...delays)).toBeLessThan(10_000);
    ends = true;
    await reading;
    await expect(tails.subscribe(reviewer, null, request)).rejects.toMatchObject({ code: 'not_available' });
  });

  it.runIf(present)('ends once the log cannot be read for long, and not before', async () => {
    const opened = await openTestVault(engine);
    used = opened;
    const { vault, request } = opened;
    const reviewer = await addPerson(opened, 'reviewer');
    let [broken, ahead] = [false, 0];
    const read: typeof vault.db.read = (work, wait) =>
      broken ? Promise.reject(new Error('away')) : vault.db.read(work, wait);
    const clock = { ...vault.clock, now: () => vault.clock.now() + ahead };
    const tails = eventFeed({ ...vault, db: { ...vault.db, read }, clock }, () => false);
    const follower = await tails.subscribe(reviewer, null, request);
    await follower.next();
    let over = false;
    const next = follower.next().then((one) => {
      over = one === null;
    });
    broken = true;
    await sleep(500);
    expect(over).toBe(false);
    ahead = 11_000;
    await next;
    expect(over).toBe(true);
  });
});
