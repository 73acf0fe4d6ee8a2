// The signer of a deployment: created by one command, never in place of a lost one, and named where it is another’s.
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { composeDeployment, type Deployment, newDeployment, startServer } from '../support/fault-deployment.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { sealAll } from '../support/sealed-deployment.ts';
import { signerFile } from '../support/signer-file.ts';

describe('the signer of a deployment', () => {
  let deployment: Deployment;
  let signer: string;
  let kept: string;
  const callvault = (...args: readonly string[]) => runCallvault(deployment.env, ...args);

  beforeAll(async () => {
    deployment = await newDeployment();
    signer = join(deployment.folder, 'signer', 'signer.pem');
    kept = join(deployment.folder, 'kept.pem');
    const env = { ...deployment.env, CALLVAULT_OPERATOR: 'op-17', CALLVAULT_SIGNER: signer };
    deployment = { ...deployment, env };
  });
  afterAll(() => deployment?.remove());

  it('is created by its command alone, once, in a file that only its user reads', async () => {
    expect(await callvault('tenants', 'list')).toMatchObject({
      code: 1,
      err: expect.stringContaining('signer create'),
    });
    expect(existsSync(signer)).toBe(false);
    const [made] = jsonLines(await callvault('signer', 'create', '--json'));
    expect(made).toMatchObject({
      files: [signer],
      keys: [expect.stringMatching(/^vault\.example\/deployment\+[0-9a-f]{8}\+\S{44}$/)],
    });
    expect(statSync(signer).mode & 0o777).toBe(0o400);
    const again = await callvault('signer', 'create');
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('exists already') });
    const [key = 'none'] = (made?.['keys'] ?? []) as string[];
    expect((await callvault('doctor')).out).toContain(`verifier key ${key}`);
  });

  it('is not replaced where it sealed the logs and its file is missing', async () => {
    const { vault, close } = await composeDeployment({ config: readConfig(deployment.env) });
    await sealAll(vault);
    await close();
    renameSync(signer, kept);
    for (const command of [['serve'], ['doctor'], ['signer', 'create']]) {
      expect(await callvault(...command)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/restore (it|the file)/i),
      });
      expect(existsSync(signer)).toBe(false);
    }
    // A successor is created beside the one that sealed them, and only there.
    const successor = { CALLVAULT_SIGNER: `${kept},${signer}` };
    const made = await runCallvault({ ...deployment.env, ...successor }, 'signer', 'create', '--json');
    expect(jsonLines(made)).toMatchObject([{ files: [signer] }]);
    rmSync(signer);
  });

  it('is named by doctor, by a start and by a command where it is another’s', async () => {
    const sentence = 'this is not the signer of these logs: another key signed the newest checkpoint';
    signerFile(signer);
    const doctor = await callvault('doctor');
    expect(doctor).toMatchObject({ code: 1, out: expect.stringMatching(`✗ seals +compare the signer .*${sentence}`) });
    const server = await startServer(deployment);
    await server.stop();
    expect(server.log()).toContain(`"code":"signer_differs","msg":"${sentence}`);
    expect(server.log()).not.toContain('"integrity"');
    rmSync(signer);
  });

  it('is not created beside the segments of a database that was lost', async () => {
    for (const end of ['', '-wal', '-shm']) await rm(`${deployment.database}${end}`, { force: true });
    const made = await callvault('signer', 'create');
    expect(made).toMatchObject({ code: 1, err: expect.stringContaining('the store or the anchor has sealed logs') });
    expect(existsSync(signer)).toBe(false);
  });
});
