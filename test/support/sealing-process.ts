// A process that appends events to the deployment's log and seals all logs, again and again. With the name of a step it stops
// at that step of its second round, says so and waits to be killed. It prints each round.
import { setTimeout as sleep } from 'node:timers/promises';
import { compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { logSealer } from '../../src/vault/sealing/seal-logs.ts';
import { steppedSealing } from './stepped-ports.ts';

const [at = ''] = process.argv.slice(2);
const wait = { signal: AbortSignal.timeout(3_600_000) };
const { vault } = await compose(readConfig(process.env), (error) => {
  throw error;
});
let rounds = 0;
const step = async (name: string): Promise<void> => {
  if (rounds === 0 || name !== at) return;
  process.stdout.write(`at ${name}\n`);
  await sleep(3_600_000);
};
const seal = logSealer(steppedSealing(vault, step), () => undefined);
for (;;) {
  const made = event('deployment', operatorActor('op-1'), 'doctor.ran', { id: 'deployment' }, {});
  await vault.db.change(async () => ({ result: null, events: [made] }), wait);
  while ((await seal(wait)) > 0);
  rounds++;
  process.stdout.write(`round ${rounds}\n`);
}
