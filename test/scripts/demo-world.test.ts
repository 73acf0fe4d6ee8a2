// The world of the demo with a service that does not end when it is asked to.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeDemoWorld } from '../../scripts/demo/start.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'demo-world-test-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const IGNORING = `import { createServer } from 'node:http';
const [host, port] = process.env.CALLVAULT_LISTEN.split(':');
createServer((_, reply) => reply.end()).listen(Number(port), host);
process.on('SIGTERM', () => console.log('draining for ever'));
`;

it('kills a service that does not end, and reports the end of its log', async () => {
  const service = join(FOLDER, 'ignoring.mjs');
  writeFileSync(service, IGNORING);
  const world = await makeDemoWorld('any port', { environment: {}, processes: 2, service, endMs: 2_000 });
  await world.start();
  const [first = 0, second = 0] = world.processes();
  expect(first > 0 && second > 0 && first !== second).toBe(true);
  await expect(world.close()).rejects.toThrow(/did not end in 2 seconds.*\ndraining for ever/s);
  for (const pid of [first, second]) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(existsSync(dirname(world.paths.data))).toBe(false);
});

it('does not wait for a service that has ended', async () => {
  const service = join(FOLDER, 'ending.mjs');
  writeFileSync(service, 'process.exit(1);\n');
  const world = await makeDemoWorld('any port', { environment: {}, processes: 1, service });
  await expect(world.start()).rejects.toThrow('the service does not answer');
  await world.close();
  expect(existsSync(dirname(world.paths.data))).toBe(false);
});
