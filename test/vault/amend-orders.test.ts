// Later facts in every order: before, after and without the audio they end alike, and no audio is read for them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { newId } from '../../src/bytes/ids.ts';
import type { Patch } from '../../src/model/amendments/amendment.ts';
import { isHidden } from '../../src/model/recording.ts';
import { textIndex } from '../../src/vault/core/facts/indexes.ts';
import { openRawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import { activeTenantAndKey } from '../../src/vault/core/tenants/active-tenant.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { amendCall } from '../../src/vault/deposit/amend-call.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { UploadBody } from '../../src/vault/deposit/upload-bytes.ts';
import { ENGINES } from '../support/engines.ts';
import { entriesOf } from '../support/entries.ts';
import { bodyOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const CALL = wavOf(2_000);
const RUNS = { seed: 20_261_128, numRuns: 12 };

/** A call detail record: what it says, and since which minute of an hour in the past. */
type Record_ = { readonly patch: Patch; readonly minute: number };
type Step = Record_ | 'audio';

const word = fc.constantFrom('x', 'y', null);
const record: fc.Arbitrary<Record_> = fc.record({
  patch: fc.record(
    { agent: word, queue: word, wrap_up: word, fields: fc.record({ a: word, b: word }, { requiredKeys: [] }) },
    { requiredKeys: [] },
  ),
  minute: fc.integer({ min: 0, max: 59 }),
});
const records = fc.uniqueArray(record, { minLength: 2, maxLength: 5, selector: ({ minute }) => minute });

/** The audio and the records in two orders. */
const orders = fc.tuple(records, fc.boolean()).chain(([all, withAudio]) => {
  const steps: readonly Step[] = withAudio ? ['audio', ...all] : all;
  const shuffled = fc.shuffledSubarray([...steps], { minLength: steps.length, maxLength: steps.length });
  return fc.tuple(shuffled, shuffled);
});

describe.each(ENGINES)('facts of a call, on $engine $reason', ({ engine, present }) => {
  const test = sharedVault(engine);

  /** A vault whose store must not be read. */
  const unread = (): Vault => {
    const never = (): never => {
      throw new Error('a blob was read for a change of facts');
    };
    return {
      ...test.vault,
      store: { ...test.vault.store, get: never, getRange: never, head: never, list: never } as never,
    };
  };

  const sent = (callId: string, step: Step): Promise<{ readonly recording: string }> => {
    const call = { source: 'pbx', callId, leg: '0' };
    if (step === 'audio') {
      const what = { target: { metadata: { ...call, ticket: 'T-1' } }, name: 'audio', type: 'audio/wav' };
      return deposit(test.vault, test.uploader, { ...what, body: bodyOf(CALL) }, test.request);
    }
    const asOf = new Date(Date.UTC(2026, 0, 1, 12, step.minute)).toISOString();
    return amendCall(unread(), test.uploader, call, { patch: step.patch, asOf }, test.request);
  };

  async function play(steps: readonly Step[]): Promise<string> {
    const callId = newId('evt');
    const ids = new Set<string>();
    for (const step of steps) ids.add((await sent(callId, step)).recording);
    expect(ids.size).toBe(1);
    const [id = ''] = ids;
    const { metadataKey } = await activeTenantAndKey(test.vault, test.tenant, test.request);
    const row = await test.vault.db.read((rows) => rows.recordings.find(test.tenant, id), test.request);
    if (row === null || row.facts === null) throw new Error('the recording has no facts');
    expect(isHidden(row)).toBe(false);
    // The stream is whole, whatever came first.
    await entriesOf(test.vault, test.tenant, id);
    // The column that teams are found by says what the facts say, in every order.
    const all = openRawFacts(metadataKey, row, row.facts);
    const queue = typeof all['queue'] === 'string' ? textIndex(metadataKey, 'queue', all['queue']).value : [];
    expect([...(row.queue ?? [-1])]).toEqual([...queue]);
    const { call_id: _callId, set_by: _setBy, ...facts } = all;
    return canonicalBytes(facts).toString();
  }

  it.skipIf(!present)('stay where an upload is cut and repeated', async () => {
    const call = { source: 'pbx', callId: newId('evt'), leg: '0' };
    const upload = (body: UploadBody) =>
      deposit(
        test.vault,
        test.uploader,
        { target: { metadata: { ...call, queue: 'sales' } }, name: 'audio', type: 'audio/wav', body },
        test.request,
      );
    // Of unknown length: its row is there before the body.
    await expect(upload({ ...bodyOf(CALL), length: null, whole: () => false })).rejects.toMatchObject({
      code: 'body_cut',
    });
    const told = await amendCall(test.vault, test.uploader, call, { patch: { agent: 'Ann' } }, test.request);
    expect(told.set).toEqual(['agent']);
    const { recording } = await upload(bodyOf(CALL));
    const { metadataKey } = await activeTenantAndKey(test.vault, test.tenant, test.request);
    const row = await test.vault.db.read((rows) => rows.recordings.find(test.tenant, recording), test.request);
    expect(row?.facts).not.toBeNull();
    if (row?.facts != null)
      expect(openRawFacts(metadataKey, row, row.facts)).toMatchObject({ agent: 'Ann', queue: 'sales' });
  });

  it.skipIf(!present)(
    'end alike in every order of arrival',
    async () => {
      await fc.assert(
        fc.asyncProperty(orders, async ([one, other]) => {
          expect(await play(one)).toBe(await play(other));
        }),
        RUNS,
      );
    },
    300_000,
  );
});
