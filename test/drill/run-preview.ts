// npm run drill:preview: previews of new retention rules from the command line.
import { parseArgs } from 'node:util';
import { drillPreview } from './preview.ts';

const { values } = parseArgs({
  options: {
    recordings: { type: 'string', default: '1000000' },
    profiles: { type: 'string', default: '40' },
    database: { type: 'string' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const numbers = { recordings: Number(values.recordings), profiles: Number(values.profiles) };
const runs = await drillPreview({ ...numbers, postgres: values.database }, say);
for (const { preview, seconds, cpuSeconds, queries, longestMs } of runs)
  say(
    `${preview.recordings} counted in ${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s of the processor; ${queries} queries, the longest ${longestMs.toFixed(0)} ms`,
  );
