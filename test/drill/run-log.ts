// npm run drill:log: a large log from the command line.
import { parseArgs } from 'node:util';
import { drillLog } from './log.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000000' }, python: { type: 'boolean', default: false } },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { events, findings } = await drillLog({ events: Number(values.events), python: values.python }, say);
say(`${events} events, ${findings} findings`);
