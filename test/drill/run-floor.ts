// npm run drill:floor: a floor's week from the command line.
import { parseArgs } from 'node:util';
import { playFloorWeek } from './floor.ts';

const { values } = parseArgs({
  options: {
    teams: { type: 'string', default: '6' },
    reviewers: { type: 'string', default: '10' },
    calls: { type: 'string', default: '20' },
    database: { type: 'string' },
  },
});
const result = await playFloorWeek({
  ...{ teams: Number(values.teams), reviewers: Number(values.reviewers), calls: Number(values.calls) },
  postgres: values.database,
});
const each = (requests: number, by: number): string => (requests / by).toFixed(1);
process.stdout.write(
  [
    `${result.reviewers} reviewers, ${result.calls} calls: ${result.heard} heard and finished in ${result.seconds.toFixed(0)} s`,
    `passkey touches: ${result.proofs} (${result.calls} with a request and an approval for each call)`,
    `requests: leads ${result.leadRequests}, ${each(result.leadRequests, result.calls)} a call; reviewers ${result.reviewerRequests}, ${each(result.reviewerRequests, result.calls)} a call`,
    `log: ${result.events} events, ${result.findings.length === 0 ? 'every session traced to two people' : result.findings.join(', ')}`,
    '',
  ].join('\n'),
);
process.exitCode = result.findings.length === 0 ? 0 : 1;
