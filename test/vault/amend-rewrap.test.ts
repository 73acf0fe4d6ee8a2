// Re-wraps of data keys, of the metadata key and of tenant KEKs beside two processes that change facts and write comments
// of the same recordings: no entry is lost or written twice, and everything opens, is verified and is rebuilt.
import { afterEach, describe, expect, it } from 'vitest';
import { entryStorer } from '../../src/vault/amendments/store-entries.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { retireKeys } from '../../src/vault/keys/retire.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration, rotateKeyMaterial, setVolumeMode } from '../../src/vault/keys/rotation.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { type CallWriter, callWriter, writtenBy } from '../support/call-writer.ts';
import { needsCloud } from '../support/cloud.ts';
import { wholeStream } from '../support/entries.ts';
import { digestOf, playbackDigest } from '../support/fault-client.ts';
import { minuteSignal } from '../support/fault-deployment.ts';
import { needs } from '../support/needs.ts';
import { rebuiltTenant } from '../support/rebuilt-tenant.ts';
import { put, stateOf } from '../support/replayed-calls.ts';
import { type Restorable, restorable, startUp, tenantRow } from '../support/restorable.ts';
import { wavOf } from '../support/vault.ts';

const ENGINES = [
  { on: 'a folder and SQLite', engine: 'sqlite', present: true, reason: '' },
  { on: 'a folder and PostgreSQL', engine: 'postgresql', ...needs('postgresql') },
  { on: 'RGW, KMS and PostgreSQL', engine: 'cloud', ...needsCloud() },
] as const;

const by = operatorActor('op-9');
const CALLS = ['one', 'two'];
const ALL = { rate: 1000, concurrency: 8, sample: 20 };
const SILENT = { total: () => undefined, step: () => undefined, found: () => undefined };

type Rotation = (vault: Vault, tenant: string) => Promise<unknown>;
const material: Rotation = (vault, tenant) => rotateKeyMaterial(vault, by, tenant, minuteSignal());
const raise: Rotation = (vault, tenant) => raiseGeneration(vault, by, tenant, minuteSignal());
const volume =
  (on: boolean): Rotation =>
  (vault, tenant) =>
    setVolumeMode(vault, by, tenant, on, minuteSignal());
/** Each begins a generation; in volume mode with another tenant KEK. */
const ROTATIONS: readonly Rotation[] = [material, volume(true), raise, volume(false), volume(true)];

describe.each(ENGINES)('re-wraps beside changes, on $on $reason', ({ engine, present }) => {
  let of: Restorable;
  afterEach(async () => of?.remove());

  /** Brings all keys to the tenant's generation, by two runs at once, and retires the older ones. */
  async function rewrapped(vaults: readonly [Vault, Vault]): Promise<void> {
    const { tenant } = of.people;
    const run = (vault: Vault) => rewrapTenant(vault, by, tenant, ALL, () => undefined, minuteSignal());
    await Promise.all(vaults.map(run));
    // What one run counted while the other one wrote may have been behind for that moment.
    expect(await run(vaults[0])).toMatchObject({ complete: true, refused: [], withoutEnvelope: [] });
    await retireKeys(vaults[0], by, tenant, () => undefined, minuteSignal());
  }

  it.skipIf(!present)('lose no entry, write none twice, and end with older keys retired', async () => {
    of = await restorable(engine);
    const { tenant } = of.people;
    const [one, two, operator] = [await of.start(), await of.start(), (await of.start()).vault];
    for (const { vault } of [one, two]) expect(await startUp(vault)).toEqual([]);
    const recordings = new Map<string, string>();
    for (const call of CALLS) recordings.set(call, await put(one, of, call));
    const writers = new Map<string, { readonly writer: CallWriter; readonly recording: string }>();
    for (const [name, { url }] of Object.entries({ first: one, second: two })) {
      for (const [call, recording] of recordings) {
        const field = `${name}-${call}`;
        writers.set(field, { writer: await callWriter(url, of.people, { call, recording, field }), recording });
      }
    }
    const rounds = [one, two].map(({ vault }) => entryStorer(vault, () => undefined));
    const store = () => Promise.all(rounds.map((round) => round(minuteSignal())));

    for (const rotation of ROTATIONS) {
      let over = false;
      const before = [...writers.values()].map(({ writer }) => writer.acknowledged.facts.length);
      const writing = [...writers.values()].map(({ writer }) => writer.write(() => over));
      const rotating = async (): Promise<void> => {
        await rotation(operator, tenant);
        // The key of this call's audio is of the new generation or of the one before, as its process knows the tenant.
        recordings.set(`call-${recordings.size}`, await put(two, of, `call-${recordings.size}`));
        await rewrapped([operator, one.vault]);
        const { wrap, minimumWrap, metadataKey } = await tenantRow(operator, tenant);
        expect([minimumWrap, metadataKey?.wrap]).toEqual([wrap, wrap]);
      };
      const rotated = rotating().finally(() => {
        over = true;
      });
      // A round of storing ends when nothing is left to store.
      await Promise.all([rotated, store(), ...writing]);
      for (const [n, { writer }] of [...writers.values()].entries())
        expect(writer.acknowledged.facts.length).toBeGreaterThan(before[n] ?? 0);
    }
    while ((await operator.db.read((rows) => rows.amendments.backlog(), minuteSignal())).entries > 0) await store();

    for (const call of CALLS) {
      const recording = recordings.get(call) ?? '';
      const entries = await wholeStream(operator, tenant, recording);
      const { facts } = (await stateOf(operator, tenant, recording)) ?? {};
      for (const [field, { writer }] of [...writers].filter(([, of]) => of.recording === recording)) {
        expect(writtenBy(entries, field)).toEqual(writer.acknowledged);
        expect(facts).toMatchObject({ fields: { [field]: writer.acknowledged.facts.at(-1) } });
      }
    }
    const options = { sample: Number.POSITIVE_INFINITY, quarantine: false };
    const row = await tenantRow(operator, tenant);
    expect(row.wrap).toBe(ROTATIONS.length + 1);
    const verified = await verifyTenantData(operator, by, row, options, SILENT, minuteSignal());
    expect(verified).toMatchObject({ findings: 0, notChecked: 0, opened: recordings.size });
    const digest = digestOf([wavOf(9000)]);
    for (const recording of recordings.values()) {
      for (const { url } of [one, two]) expect(await playbackDigest(url, of.people, recording)).toBe(digest);
    }

    const { vault: empty } = await of.startEmpty();
    const { problems } = await rebuiltTenant(empty, tenant, row.key?.id ?? '');
    expect(problems).toEqual([]);
    for (const recording of recordings.values())
      expect(await changed(empty, recording)).toEqual(await changed(operator, recording));
  });

  /** What changes of a recording say, by the rows. */
  async function changed(vault: Vault, recording: string) {
    const state = await stateOf(vault, of.people.tenant, recording);
    return state === null ? null : { facts: state.facts, comments: state.comments, entries: state.entries };
  }
});
