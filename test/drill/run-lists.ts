// npm run drill:lists: call lists from the command line, before and after the audio; `--beside`: hostile and good ones
// beside another tenant that uploads.
import { parseArgs } from 'node:util';
import { drillLists, PLANTED } from './lists.ts';
import { type BesideFigures, drillBeside } from './lists-beside.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    before: { type: 'boolean' },
    beside: { type: 'boolean', default: false },
    uploads: { type: 'string', default: '100' },
    match: { type: 'string', default: '' },
    database: { type: 'string' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const calls = Number(values.calls);

async function runBeside(): Promise<void> {
  say(`ms of another tenant's ${values.uploads} uploads and of /healthz beside lists of ${calls} lines`);
  say(`${''.padEnd(34)} upload p50    p99    max  health p50    p99    max  lists by status`);
  const shown = ({ name, upload, health, lists, failed }: BesideFigures): void => {
    const [times, asked] = [upload, health].map(({ p50, p99, most }) =>
      [p50, p99, most].map((ms) => ms.toFixed(0).padStart(6)).join(' '),
    );
    const answered = Object.entries(lists).map(([status, count]) => `${count} of ${status}`);
    say(`${name.padEnd(34)} ${times?.padStart(25)} ${asked?.padStart(25)}  ${answered.join(', ')}`);
    if (failed > 0) say(`  /healthz failed ${failed} times`);
  };
  const options = { lines: calls, uploads: Number(values.uploads), postgres: values.database };
  await drillBeside(options, shown, (name) => name.includes(values.match));
}

async function runOrders(): Promise<void> {
  // A database serves once: both orders need an empty one.
  const orders = values.database === undefined ? [true, false] : [values.before ?? false];
  for (const before of orders) {
    const run = await drillLists({ calls, before, postgres: values.database });
    const { listSeconds, countSeconds, againSeconds, cpuSeconds, statements, counts, again } = run;
    say(`${calls} calls, the list ${before ? 'before' : 'after'} the audio`);
    say(
      `  taken in ${listSeconds.toFixed(1)} s, counted in ${countSeconds.toFixed(2)} s, ${cpuSeconds.toFixed(1)} s of the processor; ${statements} statements`,
    );
    say(`  again in ${againSeconds.toFixed(1)} s: ${again.changed} calls changed, ${again.events} events`);
    for (const [kind, planted] of Object.entries(PLANTED))
      say(`  ${kind}: ${planted} planted, ${counts[kind as keyof typeof PLANTED]} found`);
  }
}

await (values.beside ? runBeside() : runOrders());
