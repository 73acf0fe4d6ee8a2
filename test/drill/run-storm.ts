// npm run drill:storm: storm drill from the command line.
import { parseArgs } from 'node:util';
import { drillStorm } from './storm.ts';

const { values } = parseArgs({
  options: {
    kms: { type: 'string' },
    database: { type: 'string' },
    deposits: { type: 'string', default: '2000' },
    quota: { type: 'string', default: '100' },
    rate: { type: 'string', default: '2000' },
    sessions: { type: 'string', default: '200' },
  },
});
const { kms, database } = values;
if (kms === undefined) throw new Error('--kms is required: an endpoint of KMS');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const numbers = {
  deposits: Number(values.deposits),
  quota: Number(values.quota),
  rate: Number(values.rate),
  sessions: Number(values.sessions),
};
const { alone, calm, storm } = await drillStorm({ ...numbers, kms, database }, say);
const times = (median: number, beside: number): string => (median / beside).toFixed(2);
const { median } = storm.heard;
for (const [name, { complete, seconds, rewrap }] of Object.entries({ calm, storm })) {
  say(
    `${complete ? '✓' : '✗'} ${name}: complete in ${seconds} s, ${rewrap.throttled} of ${rewrap.calls} calls throttled`,
  );
}
for (const [name, one] of Object.entries({ alone, calm: calm.heard, storm: storm.heard })) {
  say(`${name}: ${one.sessions} sessions, ${one.median} ms until the first bytes, ${one.throttled} calls throttled`);
}
say(
  `in the storm ${times(median, calm.heard.median)} times as long as in the calm, and ${times(median, alone.median)} as alone`,
);
process.exitCode = calm.complete && storm.complete && median < 2 * calm.heard.median ? 0 : 1;
