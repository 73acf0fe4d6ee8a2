// npm run drill:clock: replays of attacks on what time it is, from the command line.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { postgresPrograms } from '../support/servers/postgres.ts';
import type { Line } from './clock/lines.ts';
import type { ReplayEngine } from './clock/place.ts';
import { replayClocks } from './clock/replay.ts';

const { values } = parseArgs({ options: { engine: { type: 'string', default: 'sqlite,postgresql' } } });
if (spawnSync('faketime', ['--version']).status !== 0)
  throw new Error('there is no faketime: apt-get install -y --no-install-recommends faketime');
if (values.engine.includes('postgresql') && postgresPrograms() === null)
  throw new Error('there is no PostgreSQL: apt-get install -y postgresql');
let failed = 0;
for (const engine of values.engine.split(',') as readonly ReplayEngine[]) {
  const began = performance.now();
  const say = ({ what, holds, seen }: Line): void => {
    if (!holds) failed++;
    process.stdout.write(
      `${holds ? '✓' : '✗'} ${engine.padEnd(10)} ${what}${holds ? '' : `\n  ${seen.slice(0, 2_000)}`}\n`,
    );
  };
  const lines = await replayClocks(engine, say);
  process.stdout.write(`${lines.length} lines in ${Math.round((performance.now() - began) / 1000)} s\n`);
}
process.exitCode = failed === 0 ? 0 : 1;
