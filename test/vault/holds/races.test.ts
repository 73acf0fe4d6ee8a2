// Holds beside erasures and deposits, from two processes on one database: of two that exclude each other one wins, whole.
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/model/principal.ts';
import { applyLift } from '../../../src/vault/changes/lift.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { deposit } from '../../../src/vault/deposit/deposit.ts';
import { describeRecording } from '../../../src/vault/deposit/describe.ts';
import { eraseRecording } from '../../../src/vault/erasure/erase-recording.ts';
import { addToHold } from '../../../src/vault/holds/add-recordings.ts';
import { holdContinuer } from '../../../src/vault/holds/continue-holds.ts';
import { placeHold, type WantedHold } from '../../../src/vault/holds/place.ts';
import { ENGINES } from '../../support/engines.ts';
import { addPerson, bodyOf, wavOf } from '../../support/vault.ts';
import { sharedVault } from '../../support/vaults.ts';

const SAID = { reference: 'HB-1', title: 'Fenwick', review: '2027-06-30T00:00:00.000Z' };
const ROUNDS = 12;
const MOST_ROUNDS = 200;

describe.each(ENGINES)('on $engine, holds of two processes $reason', ({ engine, present }) => {
  const test = sharedVault(engine);
  let vaults: readonly [Vault, Vault];
  let privacy: Caller;
  let calls = 0;
  beforeAll(async () => {
    if (!present) return;
    vaults = [test.vault, await test.another()];
    privacy = await addPerson(test, 'privacy');
  }, 120_000);

  const request = () => ({ signal: AbortSignal.timeout(600_000) });
  const either = (n: number): Vault => vaults[n % 2] as Vault;
  const metadataOf = (queue: string) => ({ source: 'pbx', callId: `call-${calls++}`, leg: '0', queue });
  const described = async (queue = 'any') =>
    (await describeRecording(test.vault, test.uploader, metadataOf(queue), request())).recording;
  const deposited = async (vault: Vault, queue: string) => {
    const call = {
      target: { metadata: metadataOf(queue) },
      name: 'audio',
      type: 'audio/wav',
      body: bodyOf(wavOf(500)),
    };
    return (await deposit(vault, test.uploader, call, request())).recording;
  };
  const codeOf = (error: { readonly code: string }) => error.code;
  const place = (vault: Vault, wanted: Partial<WantedHold>) => {
    const list = { recordings: null, query: null, continuing: false };
    return placeHold(vault, privacy, { ...SAID, ...list, ...wanted } as WantedHold, request());
  };
  const erase = (vault: Vault, recording: string) =>
    eraseRecording(vault, operatorActor('op-1'), { tenant: test.tenant, recording, reason: 'request' }, request()).then(
      () => 'erased',
      codeOf,
    );
  const lift = (vault: Vault, hold: string) =>
    vault.db.change(async (tx) => {
      await tx.tenants.lock(test.tenant);
      const metadataKey = vault.metadataKeys.held(test.tenant);
      if (metadataKey === null) throw new Error('the key is in memory by now');
      const how = { by: operatorActor('op-1'), marks: {}, request: {} };
      const events = await applyLift(vault, tx, metadataKey, test.tenant, { v: 1, kind: 'lift', hold }, how);
      return { result: 'lifted', events };
    }, request());
  const look = (recording: string) =>
    test.vault.db.read(async (rows) => {
      const row = await rows.recordings.find(test.tenant, recording);
      return { state: row?.state, held: (await rows.legalHolds.holding(test.tenant, recording, 9)).length };
    }, request());
  const settle = async () => {
    while ((await holdContinuer(test.vault)(request())) > 0);
  };

  it.runIf(present)(
    'a list and an erasure: one wins',
    async () => {
      const outcomes = new Set<string>();
      // Until each was first once: how long a transaction takes is the machine's matter.
      for (let n = 0; n < ROUNDS || (outcomes.size < 2 && n < MOST_ROUNDS); n++) {
        const recording = await described();
        const erased = setTimeout((n % 4) * (1 + n / ROUNDS)).then(() => erase(either(n + 1), recording));
        const placed = place(either(n), { recordings: [recording] }).then(() => 'held', codeOf);
        const [placing, erasing] = await Promise.all([placed, erased]);
        const { state, held } = await look(recording);
        if (erasing === 'erased') expect([placing, state === 'EXPECTED', held]).toEqual(['erased', false, 0]);
        else expect([placing, erasing, state, held]).toEqual(['held', 'held', 'EXPECTED', 1]);
        outcomes.add(String(erasing));
      }
      expect([...outcomes].sort()).toEqual(['erased', 'held']);
    },
    600_000,
  );

  it.runIf(present)(
    'a rule that matches many and erasures: none of what it covers is erased',
    async () => {
      const queue = 'many';
      const ids: string[] = [];
      for (let n = 0; n < 250; n++) ids.push(await described(queue));
      const results = await Promise.all([
        ...ids.slice(0, 20).map((id, n) => erase(either(n), id)),
        place(either(1), { query: { queue } }).then(settle),
        ...ids.slice(230).map((id, n) => erase(either(n), id)),
      ]);
      const erased = results.filter((one) => one === 'erased').length;
      let [held, gone] = [0, 0];
      for (const id of ids) {
        const { state, held: by } = await look(id);
        // Never both, never neither.
        expect(by).toBe(state === 'EXPECTED' ? 1 : 0);
        if (by === 1) held += 1;
        else gone += 1;
      }
      expect([held, gone]).toEqual([250 - erased, erased]);
      for (const one of results.filter((code) => typeof code === 'string'))
        expect(['erased', 'held', 'hold_being_placed']).toContain(one);
    },
    600_000,
  );

  it.runIf(present)(
    'a rule that continues and deposits: each is held',
    async () => {
      for (let n = 0; n < ROUNDS; n++) {
        const queue = `race ${n}`;
        const [before, during, after, view] = await Promise.all([
          deposited(either(n), queue),
          deposited(either(n + 1), queue),
          deposited(either(n), queue),
          place(either(n), { query: { queue }, continuing: true }),
        ]);
        await Promise.all([holdContinuer(vaults[0])(request()), holdContinuer(vaults[1])(request())]);
        await settle();
        const found = await test.vault.db.read(
          (rows) => rows.legalHolds.recordings(test.tenant, view.view.hold.id, '', 9),
          request(),
        );
        expect(found.map(({ recording, covered }) => [recording, covered > 0])).toEqual(
          [before, during, after].sort().map((id) => [id, true]),
        );
        for (const id of [before, during, after]) expect(await erase(either(n), id)).toBe('held');
      }
    },
    600_000,
  );

  it.runIf(present)(
    'lifting and an erasure: it is erased once the hold is lifted, and not before',
    async () => {
      for (let n = 0; n < ROUNDS; n++) {
        const recording = await described();
        const { view } = await place(either(n), { recordings: [recording] });
        const [erasing, lifted] = await Promise.all([
          erase(either(n), recording),
          lift(either(n + 1), view.hold.id).then(({ result }) => result),
        ]);
        expect(lifted).toBe('lifted');
        if (erasing !== 'erased') {
          expect(erasing).toBe('held');
          expect(await look(recording)).toEqual({ state: 'EXPECTED', held: 0 });
          expect(await erase(either(n), recording)).toBe('erased');
        }
        await settle();
        expect((await look(recording)).held).toBe(0);
      }
    },
    600_000,
  );

  it.runIf(present)(
    'one recording added by many at once is in the hold once',
    async () => {
      const recording = await described();
      const { view } = await place(vaults[0], { recordings: [await described()] });
      const add = (n: number) => addToHold(either(n), privacy, view.hold.id, [recording], request());
      const added = await Promise.all([0, 1, 2, 3, 4, 5].map(add));
      expect(added.filter(({ receipt }) => receipt !== undefined)).toHaveLength(1);
      const found = await test.vault.db.read((rows) => rows.recordings.find(test.tenant, recording), request());
      expect(found?.holds).toBe(1);
    },
    600_000,
  );

  it.runIf(present)(
    'two that place the rest of one rule cover each recording once',
    async () => {
      const queue = 'twice';
      for (let n = 0; n < 450; n++) await described(queue);
      const { view } = await place(vaults[0], { query: { queue } });
      const [one, other] = await Promise.all(vaults.map((vault) => holdContinuer(vault)(request())));
      await settle();
      expect((one ?? 0) + (other ?? 0)).toBe(250);
      const counts = await test.vault.db.read((rows) => rows.legalHolds.counts(test.tenant, [view.hold.id]), request());
      expect(counts).toEqual([{ hold: view.hold.id, recordings: 450, held: 450, uncovered: 0 }]);
      const entries = await test.vault.db.read(
        (rows) => rows.amendments.page(test.tenant, view.hold.id, 0, 20),
        request(),
      );
      expect(entries.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
    },
    600_000,
  );
});
