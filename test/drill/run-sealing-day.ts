// npm run drill:sealing: what a day of sealing costs, from the command line.
import { parseArgs } from 'node:util';
import { sealingDay, tableOf } from './sealing-day.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '500000' },
    quiet: { type: 'string', default: '100' },
    'quiet-an-hour': { type: 'string', default: '3' },
    hours: { type: 'string', default: '24' },
    seconds: { type: 'string', default: '60' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const options = {
  events: Number(values.events),
  quiet: Number(values.quiet),
  quietAnHour: Number(values['quiet-an-hour']),
  hours: Number(values.hours),
  sealSeconds: Number(values.seconds),
};
for (const line of tableOf(await sealingDay(options, say), options)) say(line);
