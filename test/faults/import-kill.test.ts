// kill −9 of an import, five times, and of the server among them: every file arrives once, with equal digests.
import { describe, expect, it, onTestFailed } from 'vitest';
import { drillImport } from '../drill/import.ts';
import { faultRandom } from '../support/fault-random.ts';

const FILES = 300;
const random = faultRandom();

describe('an import that is killed', () => {
  it('continues, and stores every recording once', { timeout: 1_800_000 }, async () => {
    onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
    const found = await drillImport(
      { files: FILES, kills: 5, random: () => random.int(1_000_000) / 1_000_000 },
      () => undefined,
    );
    expect(found).toMatchObject({
      ...{ files: FILES, kills: 5, recordings: FILES, deposits: FILES, open: 0, again: FILES, codes: [0, 0] },
    });
  });
});
