// npm run drill:proxies: rejected uploads through the documented proxies; ends with 1 where a client got another reply.
import { parseArgs } from 'node:util';
import { drillProxies } from './proxies.ts';

const { values } = parseArgs({ options: { times: { type: 'string', default: '50' } } });
let others = 0;
await drillProxies(
  () => Number(values.times),
  (proxy, rejected) => {
    others += rejected.others.length;
    const line = `${proxy}: ${rejected.name}, ${rejected.size}: ${rejected.times - rejected.others.length} of ${rejected.times}`;
    process.stdout.write(`${line}, slowest ${rejected.slowestMs.toFixed(0)} ms\n`);
    for (const text of new Set(rejected.others)) process.stdout.write(`  ${text}\n`);
  },
);
process.exitCode = others === 0 ? 0 : 1;
