// The proxy files of the documentation, each in a real proxy with TLS on a free port.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../docs/documents.ts';
import { certificate, der, extension, sequence } from './certificates.ts';
import { needs } from './needs.ts';

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
  readonly program: (folder: string, port: number, upstream: number) => readonly [string, ...string[]];
};

/** A proxy that answers: the file of its certificate, and that as text. */
export type RunningProxy = {
  readonly ca: string;
  readonly cert: string;
  /** Whether the process has ended by itself. */
  readonly hasEnded: () => boolean;
  readonly end: () => Promise<void>;
};

function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the page's file does not contain ${from}`);
  return text.replaceAll(from, to);
}

/** The proxies that the documentation has a file for. */
export const DOCUMENTED_PROXIES: readonly Proxy[] = [
  {
    name: 'Caddyfile',
    ...needs('caddy'),
    program: (folder, port, upstream) => {
      const page = textOf('docs/operations/proxy/Caddyfile');
      const site = replaced(page, 'vault.example {', `https://localhost:${port} {\n\ttls cert.pem key.pem`);
      const options = `{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system ${folder}\n\tlog {\n\t\toutput discard\n\t}\n}\n`;
      writeFileSync(join(folder, 'Caddyfile'), options + replaced(site, '127.0.0.1:8787', `127.0.0.1:${upstream}`));
      return ['/usr/bin/caddy', 'run', '--config', 'Caddyfile', '--adapter', 'caddyfile'];
    },
  },
  {
    name: 'nginx.conf',
    ...needs('nginx'),
    program: (folder, port, upstream) => {
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

/** Starts a proxy in front of `upstream`, in a new folder; callers wait until it answers at `https://localhost:<port>`. */
export function startDocumentedProxy(proxy: Proxy, folder: string, port: number, upstream: number): RunningProxy {
  mkdirSync(folder, { recursive: true });
  const ca = join(folder, 'cert.pem');
  writeFileSync(ca, cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  const [program, ...args] = proxy.program(folder, port, upstream);
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    ca,
    cert,
    hasEnded,
    end: async () => {
      if (hasEnded()) return;
      // Not SIGKILL: nginx would leave its workers behind.
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
