// npm run drill:volume: volume-mode drill from the command line.
import { parseArgs } from 'node:util';
import { drillVolume } from './volume.ts';

const { values } = parseArgs({
  options: {
    deposits: { type: 'string', default: '1000' },
    sessions: { type: 'string', default: '1000' },
    database: { type: 'string' },
    kms: { type: 'string' },
  },
});
const { database, kms } = values;
const numbers = { deposits: Number(values.deposits), sessions: Number(values.sessions) };
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { deposits, sessions, seconds, calls } = await drillVolume({ ...numbers, database, kms }, say);
say(`${deposits} deposits and ${sessions} sessions in ${seconds} s: ${calls} calls to the key service`);
