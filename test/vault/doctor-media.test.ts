// The doctor's steps for decoders, for processes that take deposits: both load here, and a missing one is a warning.
import { describe, expect, it } from 'vitest';
import type { ProcessRole } from '../../src/model/duties.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { runDoctor, type StepResult } from '../../src/vault/doctor/run-doctor.ts';
import { processStepGroups } from '../../src/vault/doctor/step-groups.ts';
import { operator } from '../support/reencrypt.ts';
import { freshVault } from '../support/vaults.ts';

const test = freshVault();

async function ofMedia(vault: Vault, role: ProcessRole): Promise<Omit<StepResult, 'group'>[]> {
  const as = { ...vault, settings: { ...vault.settings, role } };
  const found: StepResult[] = [];
  for await (const finding of runDoctor(as, await processStepGroups(as, operator))) found.push(finding);
  return found
    .filter(({ group: part }) => part === 'media')
    .map(({ step, state, detail }) => ({ step, state, detail }));
}

describe('the doctor', () => {
  it('loads both decoders', async () => {
    expect(await ofMedia(test.vault, 'ingest')).toEqual([
      { step: 'load the MP3 decoder', state: 'ok', detail: 'mpg123-decoder' },
      { step: 'load the Opus decoder', state: 'ok', detail: 'opus-decoder' },
    ]);
  });

  it('warns where one is not installed', async () => {
    const decoders = test.vault.probes.decoders.map((one) => ({ ...one, loads: () => Promise.resolve(false) }));
    const found = await ofMedia({ ...test.vault, probes: { ...test.vault.probes, decoders } }, 'all');
    expect(found.map(({ state }) => state)).toEqual(['warning', 'warning']);
    expect(found[0]?.detail).toBe('mpg123-decoder cannot be loaded: MP3 calls will have no waveform');
  });

  it.each(['listen', 'console', 'work'] as const)('has no step for decoders in role %s', async (role) => {
    expect(await ofMedia(test.vault, role)).toEqual([]);
  });
});
