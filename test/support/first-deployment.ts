// The page of the first deployment as a script: its blocks run in a separate folder, its people in browsers.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { blocks, TOP, textOf } from '../docs/documents.ts';
import { type Browser, browserOf } from './browser.ts';
import { builtBin } from './built.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { freePort } from './servers/process.ts';
import { until } from './until.ts';
import type { RequestOptions } from './world.ts';

const PAGE = 'docs/operations/first-deployment.md';
const SAMPLE = readFileSync(join(TOP, 'scripts/samples/harbour-1-lost-card.wav'));

/** The result of a shell. */
export type ShellResult = { readonly code: number | null; readonly out: string; readonly err: string };

export type FirstDeployment = {
  readonly folder: string;
  readonly port: number;
  /** The output of `init`. */
  readonly printed: string;
  /** Runs shell lines in its folder. */
  readonly shell: (script: string) => Promise<ShellResult>;
  /** A block of the page with this deployment's port. */
  readonly block: (name: string) => string;
  readonly end: () => Promise<void>;
};

/** Runs the blocks `setup` and `serve`, with `url` in place of the page's address. */
export async function firstDeployment(url?: string): Promise<FirstDeployment> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-first-'));
  symlinkSync(dirname(builtBin()), join(folder, 'scripts'));
  const port = await freePort();
  const block = (name: string): string => {
    const [body = ''] = blocks(textOf(PAGE), `sh first-deployment: ${name}`);
    return body.replaceAll('localhost:8787', `localhost:${port}`);
  };
  const shell = async (script: string): Promise<ShellResult> => {
    const child = spawn('sh', ['-eu'], { cwd: folder, stdio: 'pipe', env: cleanEnvironment() });
    child.stdin.end(script);
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: code as number | null, out, err };
  };
  let service: ChildProcess | undefined;
  const end = async (): Promise<void> => {
    if (service !== undefined && service.exitCode === null && service.signalCode === null) {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    // The test's own checkout is installed and built.
    const setup = block('setup').replace('npm ci && npm run build\n', '');
    const made = await shell(url === undefined ? setup : setup.replace(/--url \S+/, `--url ${url}`));
    if (made.code !== 0) throw new Error(`init ended with ${made.code}: ${made.out}${made.err}`);
    if (url !== undefined) await shell(`sed -i s/127.0.0.1:8787/127.0.0.1:${port}/ callvault-data/callvault.env`);
    const line = block('serve').trim();
    // One process: a signal to the shell alone would leave the service running.
    service = spawn('sh', ['-c', `exec ${line}`], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...cleanEnvironment(), CALLVAULT_METRICS_LISTEN: 'off' },
    });
    const ready = () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('the service is ready', async () => service?.exitCode !== null || (await ready()), { everyMs: 100 });
    return { folder, port, printed: made.out, shell, block, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A browser of the person named in `printed`, signed in by the link in it. `ca` is the certificate authority of an https URL. */
export async function openSignInLink(printed: string, name: string, base: string, ca?: string): Promise<Browser> {
  const secret = new RegExp(`, ${name}\\n\\s+\\S+/sign-in#(\\S+)`).exec(printed)?.[1] ?? '';
  const browser = browserOf({ call: (method, path, sent = {}) => callOver(new URL(path, base), method, sent, ca) });
  const reply = await browser.call('POST', '/v1/sign-in/link', { json: { secret } });
  if (reply.status !== 200) throw new Error(`${name}: ${reply.status} ${await reply.text()}`);
  return browser;
}

async function callOver(url: URL, method: string, sent: RequestOptions, ca?: string): Promise<Response> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const body = sent.json === undefined ? undefined : JSON.stringify(sent.json);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const asked = request(url, { method, headers: { ...type, ...sent.headers }, ...(ca === undefined ? {} : { ca }) });
  asked.end(body);
  const [reply] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of reply) pieces.push(piece as Buffer);
  const headers = new Headers();
  for (let at = 0; at < reply.rawHeaders.length; at += 2)
    headers.append(reply.rawHeaders[at] ?? '', reply.rawHeaders[at + 1] ?? '');
  const empty = [204, 304].includes(reply.statusCode ?? 0);
  return new Response(empty ? null : Buffer.concat(pieces), { status: reply.statusCode ?? 0, headers });
}

/** The page's steps: the reviewer requests the only call, the approver approves, the reviewer listens to all of it. */
export async function listenToCall(
  reviewer: Browser,
  approver: Browser,
): Promise<{ readonly media: string; readonly grant: string }> {
  const json = async (browser: Browser, method: string, path: string, body?: object): Promise<never> => {
    const reply = await browser.call(method, path, body === undefined ? {} : { json: body });
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as never;
  };
  const { data } = (await json(reviewer, 'GET', '/v1/recordings')) as { data: { id: string }[] };
  const wish = { recording: data[0]?.id, purpose: 'quality', reason: 'first call', minutes: 15 };
  const asked = (await json(reviewer, 'POST', '/v1/access-requests', wish)) as { id: string };
  const approved = (await json(approver, 'POST', `/v1/access-requests/${asked.id}/approve`)) as {
    grant: { id: string };
  };
  const grant = approved.grant.id;
  const session = (await json(reviewer, 'POST', `/v1/grants/${grant}/sessions`)) as { id: string };
  const media = `/v1/sessions/${session.id}/media`;
  const heard = await reviewer.call('GET', media);
  if (heard.status !== 200) throw new Error(`media: ${heard.status} ${await heard.text()}`);
  if (!Buffer.from(await heard.arrayBuffer()).equals(SAMPLE)) throw new Error('other bytes were heard');
  return { media, grant };
}
