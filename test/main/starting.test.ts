// Start-up: the operators' port answers first, and reports not ready until the API listens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { thisPackage } from '../../src/cli/support/this-package.ts';
import { builtBin } from '../support/built.ts';
import { cleanEnvironment } from '../support/clean-environment.ts';
import { composeDeployment, type Deployment, newDeployment } from '../support/fault-deployment.ts';
import { runProgram } from '../support/run-program.ts';
import { freePort } from '../support/servers/process.ts';

let deployment: Deployment | undefined;
afterEach(() => deployment?.remove());

it('is not ready before the API listens, and reports its version', async () => {
  const [api, ops] = [await freePort(), await freePort()];
  deployment = await newDeployment({
    CALLVAULT_LISTEN: `127.0.0.1:${api}`,
    CALLVAULT_METRICS_LISTEN: `127.0.0.1:${ops}`,
  });
  const child = spawn(process.execPath, [builtBin(), 'serve'], { env: { ...cleanEnvironment(), ...deployment.env } });
  try {
    const seen = new Set<string>();
    // Before the port listens the connection fails; waits for the first ready answer.
    for (let ready = false; !ready; ) {
      expect(child.exitCode).toBeNull();
      const told = await fetch(`http://127.0.0.1:${ops}/readyz`).catch(() => null);
      if (told === null) {
        await sleep(1);
        continue;
      }
      const { status } = (await told.json()) as { status: string };
      seen.add(`${told.status} ${status}`);
      ready = told.ok;
    }
    expect((await fetch(`http://127.0.0.1:${api}/healthz`)).status).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${ops}/metrics`)).text();
    expect(metrics).toContain(`callvault_build_info{version="${thisPackage().version}"} 1`);
    const document = (await (await fetch(`http://127.0.0.1:${api}/openapi.json`)).json()) as { info: object };
    expect(document.info).toMatchObject({ version: thisPackage().version });
    expect([...seen].filter((one) => one !== '503 starting')).toEqual(['200 ready']);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});

it('reports starting, whatever the checks report, until it serves', async () => {
  deployment = await newDeployment();
  const { readiness, close } = await composeDeployment(deployment);
  try {
    expect((await readiness.report(null)).map(({ code }) => code)).toEqual([null, null, null, null]);
    expect(readiness.phase()).toBe('starting');
    readiness.begin();
    expect(readiness.phase()).toBe('serving');
    readiness.drain();
    expect(readiness.phase()).toBe('draining');
  } finally {
    await close();
  }
});

it.each(['CALLVAULT_LISTEN', 'CALLVAULT_METRICS_LISTEN'])(
  'names the variable of a port in use: %s',
  async (variable) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    deployment = await newDeployment({
      CALLVAULT_LISTEN: '127.0.0.1:0',
      CALLVAULT_METRICS_LISTEN: 'off',
      [variable]: `127.0.0.1:${port}`,
    });
    const ended = await runProgram(process.execPath, [builtBin(), 'serve'], { env: deployment.env });
    taken.close();
    expect(ended.code).toBe(1);
    expect(ended.err).toBe(
      `callvault: another process listens at 127.0.0.1:${port}: end it, or choose another ${variable}\n`,
    );
  },
);
