// npm run drill:expiry: expiry day by day from the command line.
import { parseArgs } from 'node:util';
import { playExpiry } from './expiry/expiry-days.ts';

const { values } = parseArgs({
  options: {
    recordings: { type: 'string', default: '200000' },
    days: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    passes: { type: 'boolean', default: false },
    database: { type: 'string' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const numbers = { recordings: Number(values.recordings), days: Number(values.days), seed: Number(values.seed) };
const { findings, differences, ...result } = await playExpiry(
  { ...numbers, passes: values.passes, postgres: values.database },
  say,
);
say(
  `${result.rules} versions of the rules, ${result.holds} holds, ${result.restricted} restricted, ${result.withdrawn} withdrawn, ${result.amended} amended by the platform, ${result.corrected} by people, ${result.brakes} brakes`,
);
say(
  `${result.erased} erased, ${result.left} left, in ${result.seconds.toFixed(0)} s, ${result.cpuSeconds.toFixed(0)} s of the processor; ${result.transactions} transactions of expiry, median ${result.medianMs.toFixed(1)} ms, longest ${result.longestMs.toFixed(1)} ms`,
);
say(`log: ${result.events} events, ${findings.length === 0 ? 'without findings' : findings.slice(0, 10).join(', ')}`);
for (const one of differences.slice(0, 10)) say(one);
say(`${differences.length} differences`);
process.exitCode = differences.length + findings.length === 0 ? 0 : 1;
