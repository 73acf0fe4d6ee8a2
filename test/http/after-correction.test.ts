// After `clock correct`: a policy that two people decide is in force at once, although one was made in the wrong time; a hold
// by query covers the calls that were stored in it; what is looked for by time is found, and erasures are certified.
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { checkCertificate } from '../../src/model/log/certificate/check-certificate.ts';
import { readLeaf } from '../../src/model/log/leaf.ts';
import { correctClockByCommand } from '../../src/vault/commands/clock.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { readExposure } from '../../src/vault/exposure/exposure.ts';
import { browserOf, requestChallenge } from '../support/browser.ts';
import { type SteppingUp, signingBrowser, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { beginErasing, certificateOf, endErasures, keyOfLog } from '../support/erased-calls.ts';
import { wavOf } from '../support/vault.ts';
import { sharedWorld } from '../support/worlds.ts';

const AHEAD_MS = 20 * 86_400_000;
const OPERATOR = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

describe.each(ENGINES)('on $engine, after the clock was corrected $reason', ({ engine, present }) => {
  const world = sharedWorld({ signed: true, backupDays: 35 }, engine);
  let [before, wrong, erased, session, after, putRight] = ['', '', '', '', '', ''];
  let erasing = 0;
  let [privacy, admin]: SteppingUp[] = [];

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Record<string, unknown> };
  };
  const inForce = async () => {
    const all = (await call(privacy, 'GET', '/v1/policies')).body['data'] as Record<string, unknown>[];
    const id = String(all.find((one) => one['in_force'] === true)?.['id']);
    const { policy } = (await call(privacy, 'GET', `/v1/policies/${id}`)).body as { policy: Record<string, unknown> };
    return { id, policy };
  };
  const setBulk = async (bulk: number) => {
    const { id: base, policy } = await inForce();
    const wish = { kind: 'policy', note: 'fewer at once', base, policy: { ...policy, bulk } };
    const proposed = await call(privacy, 'POST', '/v1/changes', wish);
    expect(proposed.status).toBe(201);
    const approved = await call(admin, 'POST', `/v1/changes/${String(proposed.body['id'])}/approve`);
    expect(approved.status).toBe(200);
  };
  /** A new sign-in with the same passkey: the one from the wrong time has ended. */
  const again = async ({ id, key }: SteppingUp): Promise<SteppingUp> => {
    const browser = browserOf(world);
    const { challenge_id, options } = await requestChallenge(browser, '/v1/sign-in/passkey/options');
    const reply = await browser.call('POST', '/v1/sign-in/passkey', {
      json: { challenge_id, response: key.prove(options) },
    });
    expect(reply.status).toBe(200);
    return { id, key, browser: signingBrowser(browser, key) };
  };
  const correct = () =>
    correctClockByCommand(
      world.vault,
      OPERATOR,
      async (all) => {
        for await (const _one of all);
      },
      { note: '', alone: false, change: null },
      wait(),
    );

  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    before = await world.deposited(harbour, 'before', wavOf(500), { 'vault-meta-queue': 'Cards' });
    // The whole process's clock: new ids have its time too.
    const { now } = Date;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + AHEAD_MS);
    wrong = await world.deposited(harbour, 'wrong', wavOf(500), { 'vault-meta-queue': 'Cards' });
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    await setBulk(7);
    session = await world.session(harbour, await world.grant(harbour, before));
    erased = await world.deposited(harbour, 'erased', wavOf(500));
    erasing = await beginErasing(world, harbour.tenant, erased);
    clock.mockRestore();
    putRight = new Date().toISOString();
    expect((await correct()).done).toBe(true);
    after = await world.deposited(harbour, 'after', wavOf(500));
    privacy = await again(privacy);
    admin = await again(admin);
  }, 300_000);

  it.runIf(present)('a policy by two is in force at once', async () => {
    const { id, policy } = await inForce();
    expect(policy).toMatchObject({ bulk: 7 });
    await setBulk(6);
    const now = await inForce();
    expect(now.policy).toMatchObject({ bulk: 6 });
    expect(now.id > id).toBe(true);
  });

  it.runIf(present)('a hold by query covers what was stored in the wrong time', async () => {
    const json = {
      ...{ reference: 'HB-1', title: 'Fenwick', review: new Date(Date.now() + 90 * 86_400_000).toISOString() },
      query: { queue: 'Cards' },
    };
    const { harbour } = world;
    const reply = await world.call('POST', '/v1/holds', { key: harbour.privacy.key, json });
    expect(reply.status).toBe(201);
    expect(await reply.json()).toMatchObject({ recordings: 2, held: 2 });
    for (const recording of [before, wrong]) {
      const erasing = eraseRecording(
        world.vault,
        OPERATOR,
        { tenant: harbour.tenant, recording: recording ?? '', reason: 'request' },
        wait(),
      );
      await expect(erasing).rejects.toMatchObject({ code: 'held' });
    }
  });

  it.runIf(present)(
    'the activity of a time has what was then, and what a wrong clock wrote as of its correction',
    async () => {
      const stored = async (query: string) => {
        const path = `/v1/activity?limit=100&action=deposit.available&${query}`;
        const reply = await world.call('GET', path, { key: world.harbour.auditor.key });
        expect(reply.status).toBe(200);
        const { data } = (await reply.json()) as { data: { object: Record<string, unknown> }[] };
        return data.map(({ object }) => object['recording'] ?? object['id']);
      };
      const all = [after, erased, wrong, before];
      expect(await stored(`to=${new Date().toISOString()}`)).toEqual(all);
      expect(await stored(`from=${putRight}`)).toEqual(all.slice(0, 3));
      expect(await stored(`to=${putRight}`)).toEqual(all.slice(3));
    },
  );

  it.runIf(present)('the exposure of a day has sessions of the wrong time that was on it', async () => {
    const { tenant, reviewer } = world.harbour;
    const day = { since: new Date(Date.parse(putRight) - 60_000).toISOString(), until: putRight };
    const query = { tenant, kind: 'person', id: reviewer.id, ...day } as const;
    const { detail, period } = await readExposure(world.vault, OPERATOR, query, wait());
    expect(detail).toMatchObject({ sessions: [{ session, recording: before, open: false }] });
    expect(period.since <= day.since && period.until > day.until).toBe(true);
  });

  it.runIf(present)(
    'what was erased in the wrong time is certified, and the certificate names the correction',
    async () => {
      const { harbour } = world;
      await endErasures(world);
      const [event] = await world.vault.db.read((rows) => rows.log.events(harbour.tenant, erasing, 1), wait());
      const id = String(readLeaf(event?.leaf ?? new Uint8Array())?.id);
      for (const named of [erasing, id]) {
        const note = await certificateOf(world, harbour, named);
        const { certificate, findings, events } = checkCertificate(note, [keyOfLog(world, harbour.tenant)], noteCrypto);
        expect(findings).toEqual([]);
        expect(certificate).toMatchObject({ erased: [{ recording: erased }], corrections: [{}] });
        expect(events.map(({ seq }) => seq)).toEqual([erasing, certificate?.corrections[0]?.seq]);
        const [gone = '', destroyed = ''] = [certificate?.erased[0]?.gone, certificate?.erased[0]?.destroyed];
        expect(gone < destroyed).toBe(true);
        // Backups from before are kept 35 days from the day on which nothing was left, not from one in the wrong time.
        expect(certificate?.backups).toBe(new Date(Date.parse(gone) + 35 * 86_400_000).toISOString().slice(0, 10));
      }
    },
  );
});
