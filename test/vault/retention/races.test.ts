// Expiry and new rules beside amendments, holds, restrictions, withdrawals and deposits of another process: each outcome is that
// of one after the other.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/model/principal.ts';
import { periodEnd } from '../../../src/model/retention/period.ts';
import { restrictRecording } from '../../../src/vault/consent/restrict.ts';
import { withdrawConsent } from '../../../src/vault/consent/withdraw.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { amendCall } from '../../../src/vault/deposit/amend-call.ts';
import { deposit } from '../../../src/vault/deposit/deposit.ts';
import { describeRecording } from '../../../src/vault/deposit/describe.ts';
import { placeHold } from '../../../src/vault/holds/place.ts';
import { rulesApplier } from '../../../src/vault/retention/apply-to-recordings.ts';
import { expireBatch } from '../../../src/vault/retention/expire-batch.ts';
import { ENGINES } from '../../support/engines.ts';
import { interleave, type Outcome } from '../../support/interleaved.ts';
import { applyToAll, eraseAfter, setRules } from '../../support/retention-rules.ts';
import { addPerson, bodyOf, wavOf } from '../../support/vault.ts';
import { sharedVault } from '../../support/vaults.ts';

const OLD = '2026-01-01T00:00:00.000Z';
const LATER = '2036-01-01T00:00:00.000Z';
const REASON = 'a race';

type Due = { readonly id: string; readonly callId: string; readonly number: string };

describe.each(ENGINES)('on $engine, retention of two processes $reason', ({ engine, present }) => {
  const test = sharedVault(engine);
  let vaults: readonly [Vault, Vault];
  let privacy: Caller;
  let calls = 0;
  const request = () => ({ signal: AbortSignal.timeout(600_000) });
  const swapped = (): readonly [Vault, Vault] => [vaults[1], vaults[0]];
  const row = async (id: string) => {
    const found = await test.vault.db.read(({ recordings }) => recordings.find(test.tenant, id), request());
    if (found === null) throw new Error('there is the recording');
    return found;
  };
  const call = (startedAt = OLD) => {
    const callId = `call-${calls++}`;
    return { source: 'pbx', callId, leg: '0', from: `+4412345${String(10_000 + calls)}`, startedAt };
  };
  /** A call of years ago whose grace has ended. */
  const due = async (): Promise<Due> => {
    const metadata = call();
    const { recording: id } = await describeRecording(test.vault, test.uploader, metadata, request());
    const { version, keepUntil, ruled, profile } = await row(id);
    const lifetime = { tenant: test.tenant, id, version, keepUntil, eraseAfter: periodEnd(OLD, 'P1D'), ruled, profile };
    expect(await test.vault.db.note(({ retention }) => retention.setLifetimes([lifetime]), request())).toBe(1);
    return { id, callId: metadata.callId, number: metadata.from };
  };
  const expire = async (vault: Vault, { id }: Due): Promise<number> => {
    const tenant = await vault.db.read(({ tenants }) => tenants.find(test.tenant), request());
    if (tenant === null) throw new Error('there is the tenant');
    const metadataKey = await vault.metadataKeys.get(tenant, request());
    const batch = { tenant: test.tenant, metadataKey, candidates: [id], clockSince: '2026-01-01T00:00:00.000Z' };
    return (await expireBatch(vault, batch, request())).erased;
  };
  const lengthen = (vault: Vault, { callId }: Due) =>
    amendCall(vault, test.uploader, { source: 'pbx', callId, leg: '0' }, { patch: { retain_until: LATER } }, request());
  const hold = (vault: Vault, { id }: Due) => {
    const said = { reference: 'HB-1', title: 'Fenwick', review: LATER };
    return placeHold(vault, privacy, { ...said, recordings: [id], query: null, continuing: false }, request());
  };
  const restrict = (vault: Vault, { id }: Due) =>
    restrictRecording(vault, privacy, id, { ground: 'claims', reason: REASON }, request());
  const withdraw = (vault: Vault, { number }: Pick<Due, 'number'>) =>
    withdrawConsent(vault, privacy, { number, purposes: [], reason: REASON }, request());
  const depositOf = async (vault: Vault, { startedAt, ...metadata }: ReturnType<typeof call>): Promise<string> => {
    const target = { metadata: { ...metadata, startedAt } };
    const body = bodyOf(wavOf(500));
    return (await deposit(vault, test.uploader, { target, name: 'audio', type: 'audio/wav', body }, request()))
      .recording;
  };

  beforeAll(async () => {
    if (!present) return;
    vaults = [test.vault, await test.another()];
    privacy = await addPerson(test, 'privacy');
    await setRules(test, test.tenant, eraseAfter('P1D'));
    await applyToAll(test);
  }, 120_000);

  /** Either the batch came first, and the act finds an erased recording, or the act, and the recording stays. */
  const oneOf =
    (kept: (id: string) => Promise<void>) =>
    async ({ id }: Due, batch: Outcome<number>, act: Outcome<unknown>): Promise<string> => {
      const { state } = await row(id);
      if (state === 'ERASING') {
        expect([batch, act]).toEqual([{ done: 1 }, { code: 'erased' }]);
        return 'erased';
      }
      expect([batch, state, Object.keys(act)]).toEqual([{ done: 0 }, 'EXPECTED', ['done']]);
      await kept(id);
      return 'kept';
    };
  const ACTS = [
    [
      'an amendment that lengthens',
      lengthen,
      async (id: string) => expect(await row(id)).toMatchObject({ keepUntil: LATER, eraseAfter: LATER }),
    ],
    ['a hold', hold, async (id: string) => expect((await row(id)).holds).toBe(1)],
    ['a restriction', restrict, async (id: string) => expect((await row(id)).restricted).not.toBeNull()],
  ] as const;

  it.runIf(present)('erases, or what an act of the other keeps stays', async () => {
    for (const [name, act, kept] of ACTS) {
      const check = oneOf(async (id) => void (await kept(id)));
      const begun = { prepare: due, held: expire, other: act, check };
      const late = {
        prepare: due,
        held: act,
        other: expire,
        check: (on: Due, a: Outcome<unknown>, b: Outcome<number>) => check(on, b, a),
      };
      const outcomes = [...(await interleave(vaults, begun)), ...(await interleave(swapped(), late, 2))];
      expect([...new Set(outcomes)].sort(), name).toEqual(['erased', 'kept']);
    }
  });

  it.runIf(present)('erases by the rules or by a withdrawal, whichever comes first', async () => {
    const check = async (on: Due, batch: Outcome<number>, act: Outcome<unknown>): Promise<string> => {
      const { id } = on;
      // What changed since the batch read what is sealed goes with the next one.
      const done = 'done' in batch && batch.done === 0 ? await expire(test.vault, on) : batch;
      expect([{ done: 1 }, 1]).toContainEqual(done);
      expect([Object.keys(act), (await row(id)).state]).toEqual([['done'], 'ERASING']);
      const events = await test.vault.db.read(({ log }) => log.eventsOf(test.tenant, id, null, 10), request());
      const leaves = events.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as Leaf);
      const erasing = leaves.filter(({ action }) => action === 'recording.erasing');
      const amended = leaves.filter(({ action }) => action === 'recording.amended').length;
      expect(erasing).toHaveLength(1);
      const { reason, cause = '' } = erasing[0]?.object ?? {};
      expect([reason, cause.slice(0, 4), amended]).toEqual(
        amended === 1 ? ['request', 'wdr_', 1] : ['retention', 'ret_', 0],
      );
      return cause.slice(0, 4);
    };
    const begun = { prepare: due, held: expire, other: withdraw, check };
    const late = {
      ...{ prepare: due, held: withdraw, other: expire },
      check: (on: Due, act: Outcome<unknown>, batch: Outcome<number>) => check(on, batch, act),
    };
    const outcomes = [...(await interleave(vaults, begun, 2)), ...(await interleave(swapped(), late, 2))];
    expect([...new Set(outcomes)].sort()).toEqual(['ret_', 'wdr_']);
  });

  it.runIf(present)('brings a deposit beside a withdrawal to the end of the grace', async () => {
    const prepare = async () => ({ ...call(hourAgo()), number: `+4412346${String(10_000 + calls++)}` });
    type Call = Awaited<ReturnType<typeof prepare>>;
    const put = (vault: Vault, one: Call) => depositOf(vault, { ...one, from: one.number });
    const check = async (_: Call, id: Outcome<string>): Promise<string> => {
      const { eraseAfter: end, facts } = await row('done' in id ? id.done : '');
      expect([facts === null, end]).toEqual([false, periodEnd(new Date().toISOString(), 'P1D')]);
      return 'withdrawn';
    };
    await interleave(vaults, { prepare, held: put, other: withdraw, check }, 5);
    const late = (on: Call, _act: unknown, id: Outcome<string>) => check(on, id);
    await interleave(swapped(), { prepare, held: withdraw, other: put, check: late }, 5);
  });

  it.runIf(present)('brings a deposit beside new rules to these', async () => {
    let version = 0;
    const prepare = async () => ({ ...call(hourAgo()), years: 5 + (version++ % 3) });
    type Call = Awaited<ReturnType<typeof prepare>>;
    const rules = async (vault: Vault, { years }: Call) => {
      const id = await setRules({ vault }, test.tenant, eraseAfter(`P${years}Y`));
      await applyToAll({ vault });
      return id;
    };
    const check = async ({ years, startedAt }: Call, id: Outcome<string>, set: Outcome<string>): Promise<string> => {
      await applyToAll(test);
      const expiry = await test.vault.db.read(({ retention }) => retention.expiry(test.tenant), request());
      expect(expiry?.applying).toBeNull();
      const { state, ruled, eraseAfter: end } = await row('done' in id ? id.done : '');
      expect([{ done: ruled }, state, end]).toEqual([set, 'AVAILABLE', periodEnd(startedAt, `P${years}Y`)]);
      return 'ruled';
    };
    await interleave(vaults, { prepare, held: depositOf, other: rules, check }, 5);
    const late = (on: Call, set: Outcome<string>, id: Outcome<string>) => check(on, id, set);
    await interleave(swapped(), { prepare, held: rules, other: depositOf, check: late }, 2);
  });

  it.runIf(present)('erases before new rules, or nothing until they are applied', async () => {
    const keep = (vault: Vault) => setRules({ vault }, test.tenant, eraseAfter('P50Y'));
    const check = async ({ id }: Due, batch: Outcome<number>): Promise<string> => {
      await applyToAll(test);
      const { state, eraseAfter: end } = await row(id);
      const isErased = state === 'ERASING';
      expect(batch).toEqual({ done: isErased ? 1 : 0 });
      if (!isErased) expect(end).toBe(periodEnd(OLD, 'P50Y'));
      await setRules(test, test.tenant, eraseAfter('P1D'));
      await applyToAll(test);
      return state;
    };
    const begun = { prepare: due, held: expire, other: keep, check };
    const late = {
      prepare: due,
      held: keep,
      other: expire,
      check: (on: Due, _: unknown, b: Outcome<number>) => check(on, b),
    };
    const outcomes = [...(await interleave(vaults, begun, 4)), ...(await interleave(swapped(), late, 4))];
    expect([...new Set(outcomes)].sort()).toEqual(['ERASING', 'EXPECTED']);
  });

  it.runIf(present)('reads again what is amended while rules are applied', async () => {
    const metadata = call(hourAgo());
    const { recording: id } = await describeRecording(test.vault, test.uploader, metadata, request());
    const version = await setRules(test, test.tenant, {
      ...eraseAfter('P9Y'),
      keep: [{ id: 'vip', name: 'VIP', law: 'A clause', when: { queue: ['vip'] }, from: 'call', for: 'P20Y' }],
    });
    let amended = 0;
    const { db } = vaults[0];
    // Rows are read, and before they are written the other process amends one of them.
    const note: Vault['db']['note'] = async (work, wait) => {
      if (amended++ === 0) await amendCall(vaults[1], test.uploader, metadata, { patch: { queue: 'vip' } }, request());
      return db.note(work, wait);
    };
    await applyToAll({ vault: { ...vaults[0], db: { ...db, note } } });
    expect(amended).toBeGreaterThan(1);
    const end = periodEnd(metadata.startedAt, 'P20Y');
    expect(await row(id)).toMatchObject({ ruled: version, keepUntil: end, eraseAfter: end });
  });

  it.runIf(present)('leaves no deposit behind, of many beside versions that two processes apply', async () => {
    const put = async (n: number): Promise<string[]> => {
      const ids: string[] = [];
      for (let k = 0; k < 8; k++) ids.push(await depositOf(vaults[n % 2] as Vault, call(hourAgo())));
      return ids;
    };
    const changed = async (): Promise<string> => {
      let last = '';
      for (const years of [5, 6, 7]) {
        last = await setRules({ vault: vaults[0] }, test.tenant, eraseAfter(`P${years}Y`));
        await Promise.all(vaults.map((vault) => rulesApplier(vault)(request())));
      }
      return last;
    };
    const [last, ...ids] = await Promise.all([changed(), put(0), put(1), put(2), put(3)]);
    await applyToAll(test);
    for (const id of ids.flat()) expect((await row(id)).ruled).toBe(last);
  });
});

type Leaf = { readonly action: string; readonly object: { readonly reason?: string; readonly cause?: string } };

const hourAgo = (): string => new Date(Date.now() - 3_600_000).toISOString();
