// What is destroyed by age is judged by envelope, entries and the streams of holds: forged rows and late facts let nothing go.
import { describe, expect, it } from 'vitest';
import type { Recording } from '../../../src/model/recording.ts';
import { event, systemActor } from '../../../src/vault/core/events/events.ts';
import { openRawFacts, sealRawFacts } from '../../../src/vault/core/facts/raw-facts.ts';
import { placeHold } from '../../../src/vault/holds/place.ts';
import { expirer } from '../../../src/vault/retention/expire.ts';
import { verifyTenantData } from '../../../src/vault/verify/verify.ts';
import { eventsOf } from '../../support/changes.ts';
import { ENGINES } from '../../support/engines.ts';
import { applyToAll, eraseAfter, setRules } from '../../support/retention-rules.ts';
import { wavOf } from '../../support/vault.ts';
import { sharedWorld } from '../../support/worlds.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OLD = '1990-01-01T00:00:00.000Z';
const request = () => ({ signal: AbortSignal.timeout(120_000) });
const never = (): void => undefined;

describe.each(ENGINES)('on $engine, what is sealed $reason', ({ engine, present }) => {
  const world = sharedWorld({ erasePerMinute: 60 }, engine);
  const tenant = () => world.harbour.tenant;
  const deposit = (callId: string, sent = {}) => world.deposited(world.harbour, callId, wavOf(4_000), sent);
  const row = async (id: string): Promise<Recording> => {
    const found = await world.vault.db.read(({ recordings }) => recordings.find(tenant(), id), request());
    if (found === null) throw new Error('there is the recording');
    return found;
  };
  const keyed = async () => {
    const found = await world.vault.db.read(({ tenants }) => tenants.find(tenant()), request());
    if (found === null) throw new Error('there is the tenant');
    return { tenant: found, metadataKey: await world.vault.metadataKeys.get(found, request()) };
  };
  /** Rows as one writes them with the database and the tenant's metadata key. */
  const forge = async (id: string, facts: Record<string, unknown>, columns: Partial<Recording> = {}) => {
    const { metadataKey } = await keyed();
    const events = await eventsOf(world, tenant());
    expect(events.length).toBeGreaterThan(0);
    await world.vault.db.change(async (tx) => {
      const found = await tx.recordings.lock(tenant(), id);
      if (found?.facts == null) throw new Error('there are facts');
      const sealed = sealRawFacts(metadataKey, found, {
        ...openRawFacts(metadataKey, found, found.facts),
        ...(facts as Record<string, string>),
      });
      await tx.recordings.change(found, { facts: sealed, eraseAfter: OLD, keepUntil: null, ...columns });
      return { result: undefined, events: [readEvent(world)] };
    }, request());
  };
  const expireNow = async () => {
    const expire = expirer(world.vault, never);
    world.forward(61_000);
    return expire(request()).then(
      (erased) => ({ erased, code: null }),
      (error: { readonly code?: string }) => ({ erased: null, code: error.code }),
    );
  };
  const differing = async (id: string) =>
    (await eventsOf(world, tenant()))
      .filter(({ action, object }) => action === 'recording.row_differs' && object['id'] === id)
      .map(({ object }) => object['differs']);
  const patch = async (callId: string, json: object): Promise<number> => {
    const headers = { 'content-type': 'application/merge-patch+json' };
    return (await world.call('PATCH', `/v1/ingest/pbx/${callId}`, { key: world.harbour.uploader.key, json, headers }))
      .status;
  };
  const findings = async (): Promise<string[]> => {
    const kinds: string[] = [];
    const listener = {
      total: never,
      step: never,
      found: ({ kind, recording }: { readonly kind: string; readonly recording?: string }) =>
        void kinds.push(`${kind} ${recording ?? ''}`),
    };
    const options = { sample: Number.POSITIVE_INFINITY, quarantine: false };
    await verifyTenantData(
      world.vault,
      systemActor(world.vault.settings),
      (await keyed()).tenant,
      options,
      listener,
      request(),
    );
    return kinds;
  };

  it.runIf(present)('lets nothing go by rows that say an earlier time, and the log and verify name them', async () => {
    await setRules(world, tenant(), eraseAfter('P10Y'));
    // A process that began just now is not trusted for age yet.
    world.forward(600_000);
    const begun = await deposit('s-1');
    const asked = await deposit('s-2');
    await applyToAll(world);
    await forge(begun, { started_at: OLD }, { startedAt: OLD });
    await forge(asked, { started_at: OLD, asked: { at: OLD, request: 'sub_01jz4x5g8ne6ystc1rf0v9hwkd' } });
    const all = await findings();
    expect(all).toContain(`lifetime_differs ${begun}`);
    expect(all).toContain(`lifetime_differs ${asked}`);
    expect(await expireNow()).toEqual({ erased: null, code: 'integrity' });
    for (const id of [begun, asked]) {
      expect((await row(id)).state).toBe('AVAILABLE');
      expect(await differing(id)).toEqual(['lifetime']);
    }
    // For a day: it is not looked at again before.
    expect(await expireNow()).toEqual({ erased: 0, code: null });
  });

  it.runIf(present)('lets nothing go that a hold holds by its stream, where its rows were deleted', async () => {
    await setRules(world, tenant(), eraseAfter('P1D'));
    const id = await deposit('h-1');
    await applyToAll(world);
    const privacy = world.harbour.privacy;
    const caller = {
      ...{ tenant: tenant(), principal: privacy.id, kind: 'person', roles: ['privacy'], scopes: [] },
      ...{ auth: 'api-key', apiKey: (await world.keyOf(tenant(), privacy.id, null, 90)).id, humans: [privacy.id] },
    } as unknown as Parameters<typeof placeHold>[1];
    const said = { reference: 'HB-1', title: 'Fenwick', review: '2046-01-01T00:00:00.000Z' };
    const wanted = { ...said, recordings: [id], query: null, continuing: false } as Parameters<typeof placeHold>[2];
    const hold = (await placeHold(world.vault, caller, wanted, request())).view.hold.id;
    await world.vault.db.change(async (tx) => {
      const found = await tx.recordings.lock(tenant(), id);
      if (found === null) throw new Error('there is the recording');
      await tx.legalHolds.set({ tenant: tenant(), hold, recording: id }, { lifted: true });
      await tx.recordings.change(found, { holds: 0 });
      return { result: undefined, events: [readEvent(world)] };
    }, request());
    world.forward(5 * DAY);
    expect(await expireNow()).toEqual({ erased: null, code: 'integrity' });
    expect((await row(id)).state).toBe('AVAILABLE');
    expect(await differing(id)).toEqual(['hold']);
  });

  it.runIf(present)('lets a platform shorten nothing once the audio is a day old', async () => {
    const rules = eraseAfter('P10Y', {
      erase: [
        { id: 'short', name: 'Short', when: { queue: ['short'] }, from: 'call', for: 'P2D' },
        { id: 'event', name: 'Event', when: { queue: ['contract'] }, from: 'event:contract-end', for: 'P5D' },
        { id: 'rest', name: 'Rest', when: {}, from: 'call', for: 'P10Y' },
      ],
    });
    await setRules(world, tenant(), rules);
    const early = await deposit('p-1', { 'vault-meta-queue': 'care' });
    const late = await deposit('p-2', { 'vault-meta-queue': 'care' });
    const waits = await deposit('p-3', { 'vault-meta-queue': 'contract' });
    await applyToAll(world);
    const [long, none] = [(await row(late)).eraseAfter, (await row(waits)).eraseAfter];
    expect(none).toBeNull();
    world.forward(2 * HOUR);
    expect(await patch('p-1', { queue: 'short' })).toBe(200);
    expect(((await row(early)).eraseAfter ?? '') < (long ?? '')).toBe(true);
    world.forward(2 * DAY);
    expect(await patch('p-2', { queue: 'short' })).toBe(200);
    expect((await row(late)).eraseAfter).toBe(long);
    // What a rule waits for ends the waiting, and counts from when it was said.
    const said = new Date(world.vault.clock.now());
    expect(await patch('p-3', { events: { 'contract-end': OLD } })).toBe(200);
    const { eraseAfter: ends } = await row(waits);
    expect(Date.parse(ends ?? '') - said.getTime()).toBeGreaterThan(5 * DAY);
    expect(Date.parse(ends ?? '') - said.getTime()).toBeLessThan(8 * DAY);
    // New rules do not follow what came late, either.
    await setRules(world, tenant(), { ...rules, grace: 'P2D' });
    await applyToAll(world);
    expect((await row(late)).eraseAfter).toBe(long);
    expect((await row(waits)).eraseAfter).toBe(ends);
    expect(await findings()).not.toContain(`lifetime_differs ${late}`);
    world.forward(10 * DAY);
    await expireNow();
    expect((await row(early)).state).toBe('ERASING');
    expect((await row(late)).state).toBe('AVAILABLE');
    expect((await row(waits)).state).toBe('ERASING');
    expect([...(await differing(early)), ...(await differing(late)), ...(await differing(waits))]).toEqual([]);
  });

  it.runIf(present)('brakes where more than ten rows differ', async () => {
    await setRules(world, tenant(), eraseAfter('P10Y'));
    const ids: string[] = [];
    for (let n = 0; n < 11; n++) ids.push(await deposit(`b-${n}`));
    await applyToAll(world);
    for (const id of ids) await forge(id, {});
    expect(await expireNow()).toEqual({ erased: null, code: 'integrity' });
    const expiry = await world.vault.db.read(({ retention }) => retention.expiry(tenant()), request());
    expect(expiry?.state).toBe('BRAKED');
    const braked = (await eventsOf(world, tenant())).filter(({ action }) => action === 'expiry.braked');
    expect(braked.map(({ object }) => object['differing'])).toEqual([11]);
  });
});

/** An event of a change that the test makes by itself. */
function readEvent({ vault, harbour }: ReturnType<typeof sharedWorld>) {
  return event(harbour.tenant, systemActor(vault.settings), 'log.read', { id: harbour.tenant }, {});
}
