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

const MANY = 10_000_000;
const last = runs.at(-1);
if (last !== undefined) {
  const times = MANY / numbers.recordings;
  // Queries step through so many index entries each; groups are days of profiles, which do not grow with the calls of a day.
  say(
    `by calculation, ${MANY} recordings: ${Math.ceil(last.queries * times)} queries as long, at most ${(last.seconds * times).toFixed(1)} s, between which others use the database`,
  );
}
