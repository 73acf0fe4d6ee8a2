// npm run drill:lists: call lists from the command line, before and after the audio.
import { parseArgs } from 'node:util';
import { drillLists, PLANTED } from './lists.ts';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '100000' }, before: { type: 'boolean' }, database: { type: 'string' } },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const calls = Number(values.calls);
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
