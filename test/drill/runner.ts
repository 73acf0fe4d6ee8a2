// One runner of a drill in a separate process: re-wraps a tenant and reports its progress after each batch.

import { withStopSignal } from '../../src/cli/support/stop-signal.ts';
import { compose, DATABASE_DAMAGED } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { type RewrapListener, rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { countingStore, keyServiceCalls } from './counting-ports.ts';

/** Report of a runner: its work so far, and at the end that it is done. */
export type RunnerReport = {
  readonly keys: number;
  readonly envelopesRead: number;
  readonly envelopesWritten: number;
  readonly objectsRead: number;
  readonly keyCalls: number;
  readonly step?: 'keys' | 'envelopes';
  readonly done?: boolean;
  readonly complete?: boolean;
};

/** Runs until nothing is left. `change` may replace parts of the vault. */
export async function runRewrap(change: (vault: Vault) => Vault = (vault) => vault): Promise<void> {
  const [tenant = '', rate = '1000', concurrency = '24'] = process.argv.slice(2);
  const composed = await compose(readConfig(), () => process.exit(DATABASE_DAMAGED));
  const { vault } = composed;
  const { store, counts } = countingStore(vault.store);
  let keys = 0;
  const say = async (more: object = {}): Promise<void> => {
    const line = { keys, ...counts(), keyCalls: await keyServiceCalls(composed), ...more };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
  await withStopSignal(async (signal) => {
    const options = { rate: Number(rate), concurrency: Number(concurrency), sample: 20 };
    const told: RewrapListener = ({ step, done }) => {
      if (step === 'keys') keys += done;
      void say({ step });
    };
    const by = operatorActor('drill');
    const done = await rewrapTenant(change({ ...vault, store }), by, tenant, options, told, { signal });
    await say({ done: true, complete: done.complete });
  });
  await composed.close();
}
