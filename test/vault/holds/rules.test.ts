// Holds by rule: what they cover when they are placed, and what matches later, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/bytes/ids.ts';
import type { Caller } from '../../../src/model/principal.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { amendCall } from '../../../src/vault/deposit/amend-call.ts';
import { deposit } from '../../../src/vault/deposit/deposit.ts';
import { describeRecording } from '../../../src/vault/deposit/describe.ts';
import { eraseRecording } from '../../../src/vault/erasure/erase-recording.ts';
import { holdContinuer } from '../../../src/vault/holds/continue-holds.ts';
import { type HoldQuery, placeHold } from '../../../src/vault/holds/place.ts';
import { ENGINES } from '../../support/engines.ts';
import { entriesOf } from '../../support/entries.ts';
import { addPerson, bodyOf, wavOf } from '../../support/vault.ts';
import { sharedVault } from '../../support/vaults.ts';

const SAID = { reference: 'HB-1', title: 'Fenwick', review: '2027-06-30T00:00:00.000Z', recordings: null } as const;

describe.each(ENGINES)('on $engine, a hold by rule $reason', ({ engine, present }) => {
  const test = sharedVault(engine);
  let privacy: Caller;
  let calls = 0;
  beforeAll(async () => {
    if (present) privacy = await addPerson(test, 'privacy');
  }, 120_000);

  const request = () => ({ signal: AbortSignal.timeout(600_000) });
  const metadataOf = (more: object) => ({ source: 'pbx', callId: `call-${calls++}`, leg: '0', ...more });
  const described = async (more: object) =>
    (await describeRecording(test.vault, test.uploader, metadataOf(more), request())).recording;
  const deposited = async (more: object): Promise<string> => {
    const target = { metadata: metadataOf(more) };
    const body = bodyOf(wavOf(1000));
    const call = { target, name: 'audio', type: 'audio/wav', body };
    return (await deposit(test.vault, test.uploader, call, request())).recording;
  };
  const hold = async (query: HoldQuery, continuing = false) =>
    (await placeHold(test.vault, privacy, { ...SAID, query, continuing }, request())).view;
  const work = () => holdContinuer(test.vault)(request());
  const covered = async (id: string) =>
    test.vault.db.read(async (rows) => {
      const found = await rows.legalHolds.recordings(test.tenant, id, '', 1000);
      return Object.fromEntries(found.map((row) => [row.recording, row.covered > 0]));
    }, request());
  const stateOf = (id: string) =>
    test.vault.db.read(async (rows) => (await rows.legalHolds.find(test.tenant, id))?.state, request());
  const erase = (recording: string) =>
    eraseRecording(
      test.vault,
      operatorActor('op-1'),
      { tenant: test.tenant, recording, reason: 'request' },
      request(),
    ).then(
      () => 'erased',
      (error: { code: string }) => error.code,
    );
  const queueOf = () => `queue ${newId('evt')}`;

  it.runIf(present)('covers what all its members match', async () => {
    const queue = queueOf();
    const more = { queue, agent: 'Ann', from: '+442071838750', direction: 'inbound', language: 'en' };
    const one = await deposited({ ...more, startedAt: '2026-11-25T09:00:00.000Z' });
    const two = await described({ ...more, startedAt: '2026-11-25T10:00:00.000Z' });
    await deposited({ ...more, agent: 'Bob', startedAt: '2026-11-25T09:00:00.000Z' });
    await deposited({ ...more, direction: 'outbound', startedAt: '2026-11-25T09:00:00.000Z' });
    const late = await deposited({ ...more, startedAt: '2026-11-25T11:00:00.000Z' });
    const query = {
      ...{ number: '020 7183 8750', queue: queue.toUpperCase(), agent: 'ann', direction: 'inbound', language: 'en' },
      ...{ from: '2026-11-25T00:00:00.000Z', to: '2026-11-25T11:00:00.000Z' },
    } as const;
    const view = await hold(query);
    expect(view).toMatchObject({
      hold: { state: 'ACTIVE', continuing: false },
      ...{ recordings: 2, held: 2, uncovered: 0 },
      rule: {
        ...{ from: query.from, to: query.to, direction: 'inbound', language: 'en' },
        by: ['agent', 'direction', 'from', 'language', 'phone', 'queue', 'to'],
      },
    });
    expect(await covered(view.hold.id)).toEqual({ [one]: true, [two]: true });
    expect([await erase(one), await erase(two), await erase(late)]).toEqual(['held', 'held', 'erased']);
    // What comes later is not its matter, without `continuing`.
    const next = await deposited({ ...more, startedAt: '2026-11-25T10:30:00.000Z' });
    expect(await work()).toBe(0);
    expect(await erase(next)).toBe('erased');
    const [first] = await entriesOf(test.vault, test.tenant, view.hold.id);
    expect(first?.body).toMatchObject({ op: 'hold', scope: { direction: 'inbound', indexes: expect.any(Array) } });
    // Blind indexes and ids may have any letters.
    type Body = { readonly by: string; readonly scope: { readonly indexes: readonly { readonly value: string }[] } };
    const { by: _, scope, ...rest } = (first?.body ?? {}) as Body;
    const { indexes, ...said } = scope;
    expect(JSON.stringify([rest, said])).not.toMatch(/7183|ann/i);
    for (const { value } of indexes) expect(Buffer.from(value, 'base64')).toHaveLength(16);
  });

  it.runIf(present)('that continues covers what is deposited later, from its transaction on', async () => {
    const queue = queueOf();
    const view = await hold({ queue }, true);
    expect(view).toMatchObject({ hold: { state: 'ACTIVE' }, held: 0 });
    const [one, other] = [await deposited({ queue }), await deposited({ queue: queueOf() })];
    expect(await covered(view.hold.id)).toEqual({ [one]: false });
    expect([await erase(one), await erase(other)]).toEqual(['held', 'erased']);
    expect(await work()).toBe(1);
    expect(await work()).toBe(0);
    expect(await covered(view.hold.id)).toEqual({ [one]: true });
    expect((await entriesOf(test.vault, test.tenant, view.hold.id)).map(({ body }) => body)).toMatchObject([
      { op: 'hold', continuing: true },
      { op: 'cover', recordings: [one], by: test.vault.settings.node },
    ]);
    expect(await erase(one)).toBe('held');
  });

  it.runIf(present)(
    'that continues covers what a later fact makes match, and keeps what no longer matches',
    async () => {
      const [queue, agent] = [queueOf(), `agent ${newId('evt')}`];
      const view = await hold({ queue, agent, from: '2026-01-01T00:00:00.000Z' }, true);
      const call = metadataOf({ queue });
      const { recording } = await describeRecording(test.vault, test.uploader, call, request());
      const patch = (what: Parameters<typeof amendCall>[3]['patch']) =>
        amendCall(
          test.vault,
          test.uploader,
          { source: 'pbx', callId: call.callId, leg: '0' },
          { patch: what },
          request(),
        );
      expect(await covered(view.hold.id)).toEqual({});
      await patch({ agent });
      expect(await covered(view.hold.id)).toEqual({ [recording]: false });
      await patch({ agent: 'another' });
      await patch({ wrap_up: 'done' });
      expect(await work()).toBe(1);
      expect(await covered(view.hold.id)).toEqual({ [recording]: true });
      expect(await erase(recording)).toBe('held');
      const found = await test.vault.db.read((rows) => rows.recordings.find(test.tenant, recording), request());
      expect(found?.holds).toBe(1);
    },
  );

  it.runIf(present)(
    'that matches more than 200 is placed by background work; nothing is erased until then',
    async () => {
      const queue = queueOf();
      const ids: string[] = [];
      for (let n = 0; n < 402; n++) ids.push(await described({ queue }));
      const other = await deposited({ queue: queueOf() });
      const view = await hold({ queue });
      expect(view).toMatchObject({ hold: { state: 'PLACING' }, held: 200 });
      expect([await erase(other), await erase(ids[401] ?? '')]).toEqual(['hold_being_placed', 'hold_being_placed']);
      expect(await work()).toBe(202);
      expect(await stateOf(view.hold.id)).toBe('ACTIVE');
      expect(Object.values(await covered(view.hold.id))).toEqual(ids.map(() => true));
      expect([await erase(other), await erase(ids[401] ?? '')]).toEqual(['erased', 'held']);
      const entries = await entriesOf(test.vault, test.tenant, view.hold.id);
      expect(entries.map(({ body }) => ('recordings' in body ? body.recordings?.length : body.op))).toEqual([
        ...['hold', 200, 200, 2],
      ]);
      expect(await work()).toBe(0);
    },
    600_000,
  );

  it.runIf(present)(
    'being placed also covers what changes before it was looked at',
    async () => {
      const [queue, agent] = [queueOf(), `agent ${newId('evt')}`];
      const start = (n: number) => new Date(Date.parse('2026-11-25T09:00:00.000Z') + n * 1000).toISOString();
      for (let n = 0; n < 201; n++) await described({ queue, agent, startedAt: start(n) });
      const [leaves, joins] = [
        metadataOf({ queue, agent, startedAt: start(300) }),
        metadataOf({ queue, startedAt: start(0) }),
      ];
      const made = (call: typeof leaves) =>
        describeRecording(test.vault, test.uploader, call, request()).then(({ recording }) => recording);
      const [left, joined] = [await made(leaves), await made(joins)];
      const view = await hold({ queue, agent });
      const patch = (call: typeof leaves, what: object) =>
        amendCall(
          test.vault,
          test.uploader,
          { source: 'pbx', callId: call.callId, leg: '0' },
          { patch: what as never },
          request(),
        );
      await patch(leaves, { agent: 'another' });
      await patch(joins, { agent });
      await work();
      expect(await stateOf(view.hold.id)).toBe('ACTIVE');
      const all = await covered(view.hold.id);
      expect([all[left], all[joined], Object.keys(all).length]).toEqual([true, true, 203]);
    },
    600_000,
  );

  it.runIf(present)(
    'of no member matches every recording of the tenant',
    async () => {
      const one = await deposited({});
      const view = await hold({});
      while ((await stateOf(view.hold.id)) === 'PLACING') await work();
      expect((await covered(view.hold.id))[one]).toBe(true);
      expect(await erase(one)).toBe('held');
    },
    600_000,
  );
});
