// npm run drill:rewrap: re-wrap drill from the command line.
import { parseArgs } from 'node:util';
import { drillRewrap } from './rewrap.ts';

const { values } = parseArgs({
  options: {
    deposits: { type: 'string', default: '2000' },
    kills: { type: 'string', default: '2' },
    rate: { type: 'string', default: '1000' },
    database: { type: 'string' },
    kms: { type: 'string' },
    volume: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const { database, kms, volume, json } = values;
const say = (line: string): void => {
  if (!json) process.stdout.write(`${line}\n`);
};
const numbers = { deposits: Number(values.deposits), kills: Number(values.kills), rate: Number(values.rate) };
const result = await drillRewrap({ ...numbers, database, kms, volume }, say);
if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
else {
  for (const [check, held] of Object.entries(result.checks)) say(`${held ? '✓' : '✗'} ${check}`);
  const { keysSeconds, keysPerSecond, envelopesSeconds, envelopesPerSecond, events } = result;
  say(`${result.deposits} keys in ${keysSeconds} s and ${events} events: ${keysPerSecond} a second`);
  say(
    `calls to the key service: ${result.keyCalls.seeding} for the deposits, ${result.keyCalls.rewrap} for the re-wrap`,
  );
  say(`their envelopes in ${envelopesSeconds} s: ${envelopesPerSecond} a second`);
}
process.exitCode = result.ok ? 0 : 1;
