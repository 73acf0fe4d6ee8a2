// What a start says to its operator: variables that nothing reads, logs that are not sealed, rows of an older version.
import { statSync } from 'node:fs';
import SqliteFile from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { type Deployment, newDeployment, staffDeployment, startServer } from '../support/fault-deployment.ts';
import { runCallvault } from '../support/run-callvault.ts';
import { sealedIn, signerFile } from '../support/signer-file.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';

let deployment: Deployment | undefined;
afterEach(() => deployment?.remove());

/** The warnings of a start with more variables. */
async function warnings(env: (folder: string) => Readonly<Record<string, string>>): Promise<string[]> {
  const made = await newDeployment();
  deployment = { ...made, env: { ...made.env, ...env(made.folder) } };
  const server = await startServer(deployment);
  await server.stop();
  const lines = server
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  return lines
    .map((line) => JSON.parse(line) as { level: number; msg: string })
    .filter(({ level, msg }) => level === 40 && !msg.startsWith('the console'))
    .map(({ msg }) => msg);
}

describe('a start warns', () => {
  it('of a misspelt signer, and that the logs are not sealed then', async () => {
    const found = await warnings(() => ({
      CALLVAULT_SINGER: '/signer.pem',
      CALLVAULT_PORT_8080_TCP: 'tcp://10.0.0.1',
    }));
    expect(found).toEqual([
      'CALLVAULT_SINGER is not a variable of callvault and is ignored: did you mean CALLVAULT_SIGNER?',
      expect.stringMatching(/^CALLVAULT_SIGNER is not set: logs are not sealed/),
    ]);
    const env = { ...deployment?.env, CALLVAULT_OPERATOR: 'op-1' };
    const { code, out } = await runCallvault(env, 'doctor');
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ configuration .*did you mean CALLVAULT_SIGNER\?$/m);
    expect(out).toMatch(/^! seals +compare the signer .*CALLVAULT_SIGNER is not set/m);
  });

  it('of logs that are not anchored, and of nothing where all is set', async () => {
    const signer = (folder: string) => ({ CALLVAULT_SIGNER: signerFile(`${folder}/signer.pem`) });
    expect(await warnings(signer)).toEqual([expect.stringMatching(/^CALLVAULT_ANCHOR is not set/)]);
    await deployment?.remove();
    expect(await warnings(sealedIn)).toEqual([]);
  });

  it('of another process that serves the same SQLite file, until that ends', async () => {
    const made = await newDeployment();
    deployment = { ...made, env: { ...made.env, ...sealedIn(made.folder) } };
    const warned = async (): Promise<boolean> => {
      const server = await startServer(made);
      await server.stop();
      return server.log().includes('another process serves this SQLite file');
    };
    const first = await startServer(made);
    expect(await warned()).toBe(true);
    expect(statSync(`${made.database}-serving`).mode & 0o777).toBe(0o600);
    await first.kill();
    expect(await warned()).toBe(false);
  });
});

describe('rows of a version without MACs', () => {
  it('are counted by start, metric and doctor, and the denied upload logs the cause', async () => {
    const made = await newDeployment({ CALLVAULT_METRICS_LISTEN: '127.0.0.1:0', NODE_OPTIONS: `--import ${HURRIED}` });
    deployment = { ...made, env: { ...made.env, ...sealedIn(made.folder), CALLVAULT_OPERATOR: 'op-1' } };
    const { tenant, depositor } = await staffDeployment(deployment);
    const file = new SqliteFile(deployment.database);
    for (const table of ['principal', 'api_key', 'policy']) file.exec(`update ${table} set mac = null`);
    const rows = file.prepare("select count(*) from principal where tenant <> 'deployment'").pluck().get() as number;
    file.close();
    const doctor = await runCallvault(deployment.env, 'doctor');
    expect(doctor.code).toBe(1);
    expect(doctor.out).toMatch(new RegExp(`^✗ database .*authority adopt --tenant ${tenant}`, 'm'));
    const server = await startServer(deployment);
    try {
      const [, count] = /"level":40[^}]*"count":(\d+)[^}]*callvault authority adopt/.exec(server.log()) ?? [];
      expect(Number(count)).toBeGreaterThan(rows);
      const headers = { authorization: `Bearer ${depositor}`, 'content-type': 'audio/wav' };
      const url = `${server.url}/v1/ingest/pbx/call-1`;
      const reply = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(wav(100)) });
      expect(reply.status).toBe(401);
      expect(await reply.text()).not.toContain('unsealed');
      await until('the cause is logged', () => server.log().includes('"cause":"row_unsealed"'), { seen: server.log });
      const port = /"port":(\d+),"msg":"metrics listening"/.exec(server.log())?.[1];
      const metric = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const shown = async () => (await metric()).includes(`\ncallvault_rows_unsealed ${count}\n`);
      await until('the metric shows them', shown, { everyMs: 200 });
    } finally {
      await server.kill();
    }
  });
});

/** Loaded before the server: rounds that come every minute come every second. */
const HURRIED = `data:text/javascript,${encodeURIComponent(
  'const set = setInterval; globalThis.setInterval = (work, ms, ...rest) => set(work, Math.min(ms, 1000), ...rest);',
)}`;
