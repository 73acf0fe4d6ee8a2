// The passes over the store after an erasure, for the demo that does not wait for them.
import { setTimeout as sleep } from 'node:timers/promises';
import { compose, DATABASE_DAMAGED } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { PASSES } from '../../src/model/erasure.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { type DemoWorld, expectThat } from './world.ts';

const PATIENCE_MS = 120_000;

/**
 * Completes an erasure, as the service's background work does after some minutes. It looks at the store twice, because an
 * upload that was running could still write: the demo has none, so the second look is due at once.
 */
export async function completeErasure(world: DemoWorld, tenant: string, recording: string): Promise<void> {
  const { vault, close } = await compose(readConfig(world.environment), () => process.exit(DATABASE_DAMAGED));
  try {
    const request = { signal: vault.clock.deadline(PATIENCE_MS) };
    for (;;) {
      const { erasure, now } = await vault.db.read(
        async (rows) => ({ erasure: await rows.erasures.find(tenant, recording), now: await rows.now() }),
        request,
      );
      expectThat(erasure !== null, 'the call is not being erased');
      if (erasure.pass > PASSES.second) return;
      if (erasure.pass === PASSES.second) await vault.db.note((notes) => notes.erasures.take(erasure, now), request);
      await continueErasures(vault, request);
      await sleep(20, undefined, request);
    }
  } finally {
    await close();
  }
}
