// The proxy files of the documentation, each in a real proxy with TLS: upload, sign-in, listening, revocation.
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { certificate, der, extension, sequence } from '../support/certificates.ts';
import { type FirstDeployment, firstDeployment, listenToCall, openSignInLink } from '../support/first-deployment.ts';
import { needs } from '../support/needs.ts';
import { freePort } from '../support/servers/process.ts';
import { until } from '../support/until.ts';
import { textOf } from './documents.ts';

const [curl, caddy, nginx] = [needs('curl'), needs('caddy'), needs('nginx')];
const TOP = mkdtempSync(join(tmpdir(), 'callvault-proxy-'));
afterAll(() => rmSync(TOP, { recursive: true, force: true }));

/** A self-signed certificate of `localhost`, and its key, as PEM. */
const { cert, key } = (() => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const me = { name: 'localhost', key: pair.privateKey };
  const name = extension('551d11', sequence(der(0x82, Buffer.from('localhost'))));
  const bytes = certificate(me, { name: 'localhost', key: pair.publicKey }, [name]);
  const body = bytes.toString('base64').replace(/.{64}/g, '$&\n');
  const pem = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  return { cert: pem, key: pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
})();

type Proxy = {
  readonly name: string;
  readonly present: boolean;
  readonly reason: string;
  /** Writes the page's file for these ports to the folder and returns what starts the proxy. */
  readonly start: (folder: string, port: number, upstream: number) => readonly [string, ...string[]];
};

const replaced = (text: string, from: string, to: string): string => {
  expect(text).toContain(from);
  return text.replaceAll(from, to);
};

const PROXIES: readonly Proxy[] = [
  {
    name: 'Caddyfile',
    ...caddy,
    start: (folder, port, upstream) => {
      const page = textOf('docs/operations/proxy/Caddyfile');
      const site = replaced(page, 'vault.example {', `https://localhost:${port} {\n\ttls cert.pem key.pem`);
      const options = `{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system ${folder}\n\tlog {\n\t\toutput discard\n\t}\n}\n`;
      writeFileSync(join(folder, 'Caddyfile'), options + replaced(site, '127.0.0.1:8787', `127.0.0.1:${upstream}`));
      return ['/usr/bin/caddy', 'run', '--config', 'Caddyfile', '--adapter', 'caddyfile'];
    },
  },
  {
    name: 'nginx.conf',
    ...nginx,
    start: (folder, port, upstream) => {
      let site = replaced(textOf('docs/operations/proxy/nginx.conf'), 'listen 443', `listen 127.0.0.1:${port}`);
      site = replaced(site, '/etc/letsencrypt/live/vault.example/fullchain.pem', 'cert.pem');
      site = replaced(site, '/etc/letsencrypt/live/vault.example/privkey.pem', 'key.pem');
      site = replaced(site, '127.0.0.1:8787', `127.0.0.1:${upstream}`);
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${one};`);
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off; pid pid; error_log stderr crit;\nevents {}\nhttp { access_log off; ${temporary.join(' ')}\n${site} }\n`,
      );
      return ['/usr/sbin/nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr'];
    },
  },
];

describe.each(PROXIES)('$name with the page’s file', ({ name, present, reason, start }) => {
  it.skipIf(!present || !curl.present)(
    `passes on uploads, sign-in and listening, and ends a reply that was revoked ${reason}`,
    async () => {
      const folder = join(TOP, name);
      mkdirSync(folder);
      writeFileSync(join(folder, 'cert.pem'), cert);
      writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
      const port = await freePort();
      const base = `https://localhost:${port}`;
      let [first, proxy]: [FirstDeployment | undefined, ChildProcess | undefined] = [undefined, undefined];
      try {
        first = await firstDeployment(base);
        const [program, ...args] = start(folder, port, first.port);
        const home = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
        proxy = spawn(program, args, {
          cwd: folder,
          env: { ...process.env, ...home },
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        const { shell, block, printed } = first;
        const trusted = `curl --cacert '${join(folder, 'cert.pem')}'`;
        const health = async () => (await shell(`${trusted} -fsS ${base}/healthz`)).code === 0;
        await until('the proxy answers', async () => proxy?.exitCode !== null || (await health()), { everyMs: 200 });
        const upload = block('upload')
          .replace('curl', trusted)
          .replace(/http:\/\/localhost:\d+/, base);
        expect(await shell(upload)).toMatchObject({ code: 0, err: '' });
        const [reviewer, approver] = [
          await openSignInLink(printed, 'Rea', base, cert),
          await openSignInLink(printed, 'Sue', base, cert),
        ];
        const { media, grant } = await listenToCall(reviewer, approver);
        expect((await approver.call('POST', `/v1/grants/${grant}/revoke`)).status).toBe(200);
        expect((await reviewer.call('GET', media)).status).toBe(403);
        // The vault counts limits by the client's address, which only a trusted proxy can report.
        const log = await shell(
          'node scripts/callvault.js doctor --env-file callvault-data/callvault.env | grep -c "✗" || true',
        );
        expect(log.out.trim()).toBe('0');
      } finally {
        if (proxy !== undefined && proxy.exitCode === null && proxy.signalCode === null) {
          // Not SIGKILL: nginx would leave its workers behind.
          proxy.kill('SIGTERM');
          await once(proxy, 'exit');
        }
        await first?.end();
      }
    },
  );
});
