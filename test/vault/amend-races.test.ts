// Changes of facts beside uploads, re-encryption, rotation and the storing of entries: no change is lost or written twice,
// and what is rebuilt from the store equals the rows.
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { hasCode } from '../../src/errors.ts';
import type { Patch } from '../../src/model/amendments/amendment.ts';
import { entryStorer } from '../../src/vault/amendments/store-entries.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { openRawFacts, type RawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { amendCall } from '../../src/vault/deposit/amend-call.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { depositTranscript } from '../../src/vault/deposit/transcript.ts';
import { rotateKeyMaterial } from '../../src/vault/keys/rotation.ts';
import { reencrypt } from '../../src/vault/reencrypt/reencrypt.ts';
import { AMENDED_ON, openAmended } from '../support/amended.ts';
import { entriesOf } from '../support/entries.ts';
import { sharedFixture } from '../support/fixtures.ts';
import { bodyOf, callAudio, wavOf } from '../support/vault.ts';

const by = operatorActor('op-9');
const CALLS = 4;
const PATCHES = 6;

for (const { on, present, reason } of AMENDED_ON) {
  describe.skipIf(!present)(`changes beside other work on ${on} ${reason}`.trim(), () => {
    const test = sharedFixture(
      () => openAmended(on),
      (one) => one.close(),
    );
    const uploader = () => {
      const service = { tenant: test.id, principal: 'svc_00000000000000000000000000', kind: 'service' } as const;
      return { ...service, roles: ['uploader'], scopes: ['ingest'], auth: 'api-key', humans: [] } as const;
    };

    /** Repeats what a concurrent change has stopped, as a client does after 503. */
    async function retried<T>(work: () => Promise<T>): Promise<T> {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          if (!hasCode(error, 'upload_in_progress', 'conflict', 'database_busy', 'store_unavailable')) throw error;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    }
    const patch = (call: string, what: Patch) =>
      retried(() =>
        amendCall(test.vault, uploader(), { source: 'pbx', callId: call, leg: '0' }, { patch: what }, test.request),
      );
    const patches = (call: string, from: number): Promise<{ readonly recording: string }>[] =>
      Array.from({ length: PATCHES }, (_, n) =>
        patch(call, { fields: { [`f${from + n}`]: 'x' }, wrap_up: `w${from + n}` }),
      );
    const facts = async (vault: Vault, id: string): Promise<RawFacts> => {
      const row = await vault.db.read((rows) => rows.recordings.find(test.id, id), test.request);
      if (row === null || row.facts === null) throw new Error('the recording has no facts');
      return openRawFacts(await test.metadataKey(), row, row.facts);
    };
    const store = () => entryStorer(test.vault, () => undefined)(test.request);
    async function reencrypted(recording: string): Promise<void> {
      const what = { tenant: test.id, recording, why: 'precaution' } as const;
      for await (const _object of reencrypt(test.vault, by, what, test.request));
    }

    async function play(call: string): Promise<string> {
      const audio = () => deposit(test.vault, uploader(), callAudio(call, wavOf(20_000)), test.request);
      const [{ recording }] = await Promise.all([retried(audio), ...patches(call, 0)]);
      // A body is read once: each attempt has another.
      const text = () => ({ recording, language: 'en', type: 'text/vtt', body: bodyOf(Buffer.from('WEBVTT\n')) });
      await Promise.all([
        ...patches(call, PATCHES),
        retried(() => depositTranscript(test.vault, uploader(), text(), test.request)),
        store(),
      ]);
      await Promise.all([...patches(call, 2 * PATCHES), retried(() => reencrypted(recording)), store(), store()]);
      return recording;
    }

    it('are each there once, and rebuilt from the store', async () => {
      const rotation = (): Promise<unknown> => rotateKeyMaterial(test.vault, by, test.id, test.request);
      const calls = Array.from({ length: CALLS }, () => newId('evt'));
      const [recordings] = await Promise.all([Promise.all(calls.map(play)), retried(rotation)]);
      while ((await test.vault.db.read((rows) => rows.amendments.backlog(), test.request)).entries > 0) await store();

      const fields = Object.fromEntries(Array.from({ length: 3 * PATCHES }, (_, n) => [`f${n}`, 'x']));
      for (const id of recordings) {
        const entries = await entriesOf(test.vault, test.id, id);
        // At least those after the upload; each writes a field that no other one does.
        expect(entries.length).toBeGreaterThanOrEqual(2 * PATCHES);
        const set = entries.flatMap(({ body }) =>
          'set' in body ? Object.keys((body.set['fields'] ?? {}) as object) : [],
        );
        expect(new Set(set).size).toBe(set.length);
        expect(await facts(test.vault, id)).toMatchObject({ fields });
      }

      const empty = await test.withoutRows();
      const { problems } = await test.rebuild(empty);
      expect(problems).toEqual([]);
      for (const id of recordings) expect(await facts(empty, id)).toEqual(await facts(test.vault, id));
    }, 600_000);
  });
}
