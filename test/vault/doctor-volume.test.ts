// The doctor on a tenant in volume mode: roles that make or open data keys open the KEK, and operators generate one.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProcessRole } from '../../src/model/duties.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { runDoctor } from '../../src/vault/doctor/run-doctor.ts';
import { operatorStepGroups, processStepGroups, rewrapStepGroups } from '../../src/vault/doctor/step-groups.ts';
import { createIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { guardedVault } from '../support/guarded.ts';
import { callAudio, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';
import { startGeneration } from '../support/volume.ts';

const by = operatorActor('op-1');

describe('the doctor on a tenant in volume mode', () => {
  const test = sharedVault();
  beforeAll(async () => {
    const tenant = await startGeneration(test.vault, test.tenant, true);
    await createIngestKey(test.vault, by, tenant, 'new', test.request);
    const what = callAudio('a', wavOf(1000));
    await deposit(test.vault, test.uploader, what, test.request);
  });

  /** The steps for the key and their results. */
  async function examined(role: ProcessRole | 'operator' | 'rewrap', from: Vault): Promise<readonly string[]> {
    const command = role === 'operator' ? operatorStepGroups : role === 'rewrap' ? rewrapStepGroups : null;
    const settings = { ...from.settings, role: command === null ? (role as ProcessRole) : 'all' };
    const vault = command === null ? guardedVault({ ...from, settings }) : from;
    const parts = await (command ?? processStepGroups)(vault, by);
    const found: string[] = [];
    for await (const { group: part, step, state, detail } of runDoctor(vault, parts)) {
      if (part === test.tenant) found.push(state === 'ok' ? step : `${step}: ${state} ${detail}`);
    }
    return found;
  }

  const always = ['open the metadata key', 'describe the key'];
  const depositing = [...always, 'open the ingest key', 'open the tenant KEK'];
  const settling = [...always, 'generate an ingest key'];
  const stored = 'open a recording’s key';

  it.each<[ProcessRole | 'operator' | 'rewrap', readonly string[]]>([
    ['ingest', depositing],
    ['listen', [...always, 'open the tenant KEK', stored]],
    ['work', [...settling, 'open the tenant KEK', stored]],
    ['all', [...settling, 'open the ingest key', 'open the tenant KEK', stored]],
    ['console', always],
    ['operator', [...always, 'prove the key', 'generate an ingest key', 'generate a tenant KEK']],
    [
      'rewrap',
      [
        ...always,
        'wrap the metadata key again',
        'wrap the ingest key again',
        're-wrap a recording’s key',
        'open the tenant KEK',
      ],
    ],
  ])('runs these steps as %s', async (role, steps) => {
    expect(await examined(role, test.vault)).toEqual(steps);
  });

  it('names a KEK that does not open', async () => {
    const keys: Vault['keys'] = {
      ...test.vault.keys,
      unwrap: (key, context, wait) =>
        test.vault.keys.unwrap(key, context['vault:use'] === 'kek' ? { ...context, 'vault:wrap': '9' } : context, wait),
    };
    expect(await examined('ingest', { ...test.vault, keys })).toEqual([
      ...always,
      'open the ingest key',
      'open the tenant KEK: failed the wrapped key does not open',
    ]);
  });
});
