// npm run drill:import: an archive of 10,000 recordings into a real process, from the command line.
import { parseArgs } from 'node:util';
import { drillImport } from './import.ts';

const { values } = parseArgs({
  options: { files: { type: 'string', default: '10000' }, kills: { type: 'string', default: '5' } },
});
const given = { files: Number(values.files), kills: Number(values.kills), random: Math.random };
const found = await drillImport(given, (line) => void process.stdout.write(`${line}\n`));
const { files, kills, recordings, deposits, open, again, seconds, codes } = found;
const complete =
  [recordings, deposits, again].every((count) => count === files) && open === 0 && codes.every((code) => code === 0);
process.stdout.write(
  `${complete ? '✓' : '✗'} ${files} files, killed ${kills} times: ${recordings} recordings, ${deposits} deposits, ${open} open, ${again} with equal digests, in ${seconds.toFixed(0)} s\n`,
);
process.exitCode = complete ? 0 : 1;
