// nginx as a proxy in front of a service, with the defaults of its proxy module, in a temporary folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Nginx = {
  readonly url: string;
  /** Open temporary files under its folder; nginx has already unlinked them. */
  readonly spooled: () => readonly string[];
  readonly end: () => Promise<void>;
};

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** Starts it in front of `upstream`. `listen` is added to its listen directive. */
export async function startNginx(upstream: string, listen = ''): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-nginx-'));
  const port = await freePort();
  const paths = TEMPORARY.map((name) => `${name}_temp_path ${join(folder, name)};`).join(' ');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${join(folder, 'pid')}; error_log stderr crit;
events {}
http {
  access_log off; ${paths}
  server { listen 127.0.0.1:${port} ${listen}; location / { proxy_pass ${upstream}; } }
}
`,
  );
  const child = spawn('/usr/sbin/nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  const end = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(child, `${url}/healthz`);
  } catch (error) {
    await end();
    throw error;
  }
  return { url, spooled: () => openUnder(child.pid ?? 0, join(folder, 'proxy')), end };
}

async function answering(child: ChildProcess, url: string): Promise<void> {
  for (let tries = 0; tries < 600 && child.exitCode === null; tries++) {
    const reply = await fetch(url).catch(() => null);
    await reply?.arrayBuffer();
    if (reply !== null) return;
    await sleep(50);
  }
  throw new Error('nginx does not answer');
}

function openUnder(pid: number, folder: string): string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      // Closed since it was listed.
      return '';
    }
  });
  return links.filter((link) => link.startsWith(folder));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
