// Vaults that hooks open and close.
import { freshFixture, sharedFixture } from './fixtures.ts';
import { type EngineName, openTestVault, type TestVault } from './vault.ts';

const close = (test: TestVault): Promise<void> => test.close();

/** One vault for all tests. */
export function sharedVault(engine?: EngineName): TestVault {
  return sharedFixture(() => openTestVault(engine), close);
}

/** A new vault for each test. */
export function freshVault(engine?: EngineName): TestVault {
  return freshFixture(() => openTestVault(engine), close);
}
