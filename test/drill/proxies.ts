// Uploads that are rejected before their body was read, through the documented proxies, by curl.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '../../src/http/rate-limits.ts';
import { DOCUMENTED_PROXIES, startDocumentedProxy } from '../support/documented-proxies.ts';
import { runProgram } from '../support/run-program.ts';
import { freePort } from '../support/servers/process.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

/** Bytes of the uploads. A file of zeros without blocks on the disk: a proxy and the vault read it like any other. */
export const SIZES = { '40 kB': 40_000, '5 MB': 5_000_000, '230 MB': 230_000_000 } as const;

/** A rejection: its status, the path under /v1/ingest/, and the headers of the upload. */
type Rejection = {
  readonly name: string;
  readonly status: number;
  readonly path: string;
  readonly headers: readonly string[];
};

/** The replies of one kind of upload: how many, and those that were not the rejection. */
export type Rejected = {
  readonly name: string;
  readonly size: string;
  readonly times: number;
  readonly others: readonly string[];
  readonly slowestMs: number;
};

function rejections(world: World): readonly Rejection[] {
  const { uploader, other } = world.harbour;
  const bearer = (secret: string): string => `Authorization: Bearer ${secret}`;
  const wrong = (secret: string): string => `${secret.slice(0, -4)}AAAA`;
  const mine = bearer(uploader.key);
  const audio = 'Content-Type: audio/wav';
  const one = (name: string, status: number, path: string, ...headers: string[]): Rejection => ({
    name,
    status,
    path,
    headers,
  });
  return [
    one('400 wrong direction', 400, 'early', mine, audio, 'Vault-Meta-Direction: in'),
    one('400 wrong direction, Expect', 400, 'early', mine, audio, 'Vault-Meta-Direction: in', 'Expect: 100-continue'),
    one('400 %2F in the call id, wrong digest', 400, 'a%2Fb', mine, audio, 'Content-Digest: md5=:AA==:'),
    one('401 no credential', 401, 'early', audio),
    one('401 no credential, Expect', 401, 'early', audio, 'Expect: 100-continue'),
    one('415 type', 415, 'early', mine, 'Content-Type: text/css'),
    one('422 call of another service', 422, 'taken', bearer(other.key), audio),
    one('429 many wrong keys', 429, 'early', bearer(wrong(uploader.key)), audio),
  ];
}

/** Plays each rejection with each size so many times through each proxy that the machine has. */
export async function drillProxies(
  times: (size: keyof typeof SIZES) => number,
  report: (proxy: string, rejected: Rejected) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-proxies-'));
  const limits = { ...LIMITS, 'api-keys': { requests: 1, seconds: 86_400 } };
  const world = await makeWorld({ maxBytes: 1_000_000_000, trustedProxies: ['127.0.0.1'], limits });
  try {
    const upstream = await world.listen();
    await world.deposited(world.harbour, 'taken', wav(100));
    for (const documented of DOCUMENTED_PROXIES.filter(({ present }) => present)) {
      const port = await freePort();
      const proxy = startDocumentedProxy(documented, join(folder, documented.name), port, upstream.port);
      const curl = (...args: readonly string[]) =>
        runProgram('curl', ['-sS', '--cacert', proxy.ca, '--max-time', '120', ...args]);
      try {
        const base = `https://localhost:${port}`;
        const answers = async () => (await curl('-f', `${base}/healthz`)).code === 0;
        await until('the proxy answers', async () => proxy.hasEnded() || (await answers()), { everyMs: 100 });
        for (const rejection of rejections(world)) {
          const upload = async (file: string) => {
            const headers = rejection.headers.flatMap((header) => ['-H', header]);
            // Without one, curl sends Expect by itself for large bodies, and waits a second for the reply.
            const expect = rejection.name.endsWith('Expect') ? [] : ['-H', 'Expect:'];
            const url = `${base}/v1/ingest/pbx/${rejection.path}`;
            return curl('-o', '/dev/null', '-w', '%{http_code} %{time_total}', ...headers, ...expect, '-T', file, url);
          };
          // The first wrong key is 401.
          if (rejection.status === 429) await upload('/dev/null');
          for (const [size, bytes] of Object.entries(SIZES) as [keyof typeof SIZES, number][]) {
            const file = join(folder, 'upload.wav');
            writeFileSync(file, wav(1_000));
            truncateSync(file, bytes);
            const others: string[] = [];
            let slowestMs = 0;
            for (let n = 0; n < times(size); n++) {
              const { code, out, err } = await upload(file);
              const [status, seconds] = out.split(' ');
              slowestMs = Math.max(slowestMs, Number(seconds) * 1_000);
              if (Number(status) !== rejection.status || code !== 0)
                others.push(`${status} (curl ${code}) ${err}`.trim());
            }
            report(documented.name, { name: rejection.name, size, times: times(size), others, slowestMs });
          }
        }
      } finally {
        await proxy.end();
      }
    }
  } finally {
    await world.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
