// Recordings that a rebuild brought back leave the quarantine: what stays and why, batches, and the service that deposits
// from then on.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { Caller } from '../../src/model/principal.ts';
import { releaseByCommand } from '../../src/vault/changes/release-by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { deactivatePrincipal } from '../../src/vault/people/deactivate.ts';
import { AMENDED_ON, type Amended, openAmended } from '../support/amended.ts';
import { outcomeOf, rebuiltTenant } from '../support/rebuilt-tenant.ts';
import { callAudio, wavOf } from '../support/vault.ts';

const by = operatorActor('op-9');
const HOW = { note: 'after the loss', alone: false } as const;

for (const { on, present, reason } of AMENDED_ON.slice(0, 2)) {
  describe.skipIf(!present)(`releasing on ${on} ${reason}`.trim(), () => {
    let test: Amended;
    let [one, two, gap]: [string, string, string] = ['', '', ''];

    beforeAll(async () => {
      test = await openAmended(on);
      test.vault.replayGate.open(test.id);
      [one, two, gap] = [
        (await test.deposit('one')).recording,
        (await test.deposit('two')).recording,
        (await test.deposit('gap')).recording,
      ];
      for (const agent of ['Ann', 'Wen']) {
        await test.amend(one, { op: 'facts', set: { agent } });
        await test.amend(gap, { op: 'facts', set: { agent } });
      }
      await test.store(one);
      const [first = ''] = await test.store(gap);
      await test.setBlob(first, null);
    }, 300_000);
    afterAll(() => test?.close());

    /** A vault whose rows were rebuilt, with a service. */
    async function rebuilt() {
      const vault = await test.withoutRows();
      const { key } = await test.row();
      await rebuiltTenant(vault, test.id, key?.id ?? '');
      vault.replayGate.open(test.id);
      const what = { tenant: test.id, roles: ['supervisor'], owners: [] } as const;
      const owner = await addPrincipal(vault, by, { ...what, kind: 'person', name: 'Sue' }, test.request);
      return { vault, service: await serviceOf(vault, owner), owner };
    }

    const serviceOf = (vault: Vault, owner: string) => {
      const row = { tenant: test.id, kind: 'service', name: 'pbx', roles: ['uploader'], owners: [owner] } as const;
      return addPrincipal(vault, by, row, test.request);
    };
    const release = (vault: Vault, depositor: string, recordings: readonly string[] | null = null) =>
      releaseByCommand(vault, by, test.id, { kind: 'release', depositor, recordings }, HOW, test.request);
    const rowOf = (vault: Vault, id: string) =>
      vault.db.read(({ recordings }) => recordings.find(test.id, id), test.request);
    const again = (vault: Vault, principal: string, callId: string, bytes: number) => {
      const who = { tenant: test.id, principal, kind: 'service', roles: ['uploader'] } as const;
      const caller: Caller = { ...who, scopes: ['ingest'], auth: 'api-key', humans: [] };
      return deposit(vault, caller, callAudio(callId, wavOf(bytes)), test.request);
    };
    const eventsOf = async (vault: Vault, action: string) => {
      const found = await vault.db.read((rows) => rows.log.events(test.id, 0, 10_000), test.request);
      type Leaf = { action: string; object: Record<string, unknown> };
      return found
        .map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as Leaf)
        .filter((leaf) => leaf.action === action)
        .map(({ object }) => object);
    };

    it('takes whole recordings out, lists the others, and names the service that deposits from then on', async () => {
      const { vault, service, owner } = await rebuilt();
      expect(await outcomeOf(again(vault, service, 'one', 20_000))).toBe('call_key_taken');
      const stays: object[] = [];
      const wanted = { kind: 'release', depositor: service, recordings: null } as const;
      const outcome = await releaseByCommand(vault, by, test.id, wanted, HOW, test.request, (row) => stays.push(row));
      const listed = [{ recording: gap, reason: 'integrity' }];
      expect(stays).toEqual(listed);
      expect(outcome).toMatchObject({ done: true, released: 2 });
      expect(outcome.preview).toMatchObject({ released: 2, without_basis: 0, stays: { integrity: 1 }, listed });
      expect(await rowOf(vault, one)).toMatchObject({ quarantine: [], depositor: service });
      expect(await rowOf(vault, gap)).toMatchObject({ quarantine: ['integrity', 'rebuilt'], depositor: 'rebuilt' });
      expect(await eventsOf(vault, 'recording.released')).toEqual(
        [one, two].sort().map((id) => ({ type: 'recording', id, reason: 'rebuilt', depositor: service })),
      );
      // The same call again is known, other bytes are another call, and another service has no part in it.
      expect(await again(vault, service, 'one', 20_000)).toMatchObject({ recording: one });
      expect(await outcomeOf(again(vault, service, 'one', 10_000))).toBe('call_differs');
      expect(await outcomeOf(again(vault, await serviceOf(vault, owner), 'one', 20_000))).toBe('call_key_taken');
      expect(await outcomeOf(release(vault, service))).toBe('conflict');
    });

    it('takes out what is named, and nothing of an unknown recording', async () => {
      const { vault, service } = await rebuilt();
      expect(await outcomeOf(release(vault, service, [one, newId('rec')]))).toBe('not_found');
      expect(await outcomeOf(release(vault, service, ['one']))).toBe('malformed');
      const outcome = await release(vault, service, [two, gap]);
      expect(outcome).toMatchObject({ done: true, released: 1, preview: { stays: { integrity: 1 } } });
      expect((await rowOf(vault, one))?.quarantine).toEqual(['rebuilt']);
      expect((await rowOf(vault, two))?.quarantine).toEqual([]);
      expect(await outcomeOf(release(vault, service, [two]))).toBe('conflict');
    });

    it('needs an active service of the tenant', async () => {
      const { vault, service, owner } = await rebuilt();
      const off = await serviceOf(vault, owner);
      await deactivatePrincipal(vault, by, test.id, off, test.request);
      for (const depositor of [owner, off, newId('svc'), ''])
        expect(await outcomeOf(release(vault, depositor))).toBe('not_found');
      expect((await rowOf(vault, one))?.quarantine).toEqual(['rebuilt']);
      expect(await release(vault, service)).toMatchObject({ done: true });
    });

    it('keeps what was erased erased, and what has a damaged row of a change in quarantine', async () => {
      const { vault, service } = await rebuilt();
      await eraseRecording(vault, by, { tenant: test.id, recording: two, reason: 'request' }, test.request);
      const entries = await vault.db.read(({ amendments }) => amendments.page(test.id, one, 0, 10), test.request);
      await vault.db.change(async (tx) => {
        await tx.amendments.deleteOf(test.id, one);
        for (const row of entries) await tx.amendments.insert({ ...row, entry: flipped(row.entry) });
        const made = await tx.now();
        return { result: made, events: [suspended(test.id)] };
      }, test.request);
      expect(await outcomeOf(release(vault, service, [one, two]))).toBe('conflict');
      expect((await rowOf(vault, one))?.quarantine).toEqual(['rebuilt']);
      expect((await rowOf(vault, two))?.state).toBe('ERASING');
    });
  });
}

function flipped(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(copy.length - 20) ^ 1, copy.length - 20);
  return copy;
}

function suspended(tenant: string) {
  const object = { type: 'tenant', id: tenant };
  return { log: tenant, id: newId('evt'), actor: by, action: 'tenant.resumed', object } as const;
}
