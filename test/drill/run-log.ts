// npm run drill:log: a large log from the command line, or with --chromium in the console.
import { parseArgs } from 'node:util';
import { drillLog } from './log.ts';
import { drillInChromium } from './log-in-chromium.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    python: { type: 'boolean', default: false },
    chromium: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
if (values.chromium) {
  const { said, seconds, cpu, mib, heapMib, longest } = await drillInChromium(Number(values.events), say);
  say(
    `${said}: ${seconds} s, ${cpu} s of the processor, ${mib} MiB of the page's process at most, ${heapMib ?? '?'} MiB of the worker's heap`,
  );
  say(`the page answered within ${longest} ms meanwhile`);
} else {
  const { events, findings } = await drillLog({ events: Number(values.events), python: values.python }, say);
  say(`${events} events, ${findings} findings`);
}
