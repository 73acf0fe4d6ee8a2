// World of the demo: its folder, its service, its two tenants, and its HTTP client.
import type { createAuthenticator } from './authenticator.ts';
import type { Browser } from './browser.ts';
import type { SampleCall } from './calls.ts';

/** Paths of the demo. `root` has the root key, next to the data and never inside it. */
export type Paths = {
  readonly data: string;
  readonly root: string;
  readonly database: string;
  readonly store: string;
  readonly keyring: string;
  readonly log: string;
  readonly exports: string;
};

export type TenantName = SampleCall['tenant'];

/** Tenant with the people of the story and their API keys. */
export type DemoTenant = {
  readonly id: string;
  readonly name: string;
  readonly people: readonly string[];
  /** People who sign in to the console, each by a one-time link. */
  readonly staff: readonly {
    readonly id: string;
    readonly name: string;
    readonly role: string;
    readonly secret: string;
  }[];
  readonly keys: Readonly<Record<'uploader' | 'reviewer' | 'supervisor' | 'auditor' | 'admin' | 'privacy', string>>;
  /** Two more reviewers. */
  readonly colleagues: readonly [Colleague, Colleague];
  /** Ids and one-time links of people who sign with a passkey: a second one of each of these roles. */
  readonly deciders: Readonly<
    Record<'admin' | 'privacy' | 'supervisor', { readonly id: string; readonly secret: string }>
  >;
};

export type Colleague = { readonly id: string; readonly key: string };

/** Content of a `Vault-Audit` header: this event is in the log at this index with this hash. */
export type LogReceipt = { readonly log: string; readonly seq: number; readonly hash: string };

export type DemoWorld = {
  readonly origin: string;
  readonly paths: Paths;
  /** Address of the service: `http://127.0.0.1:8787`; one for each process. */
  readonly base: string;
  readonly bases: readonly string[];
  readonly calls: readonly SampleCall[];
  /** Starts the service; resolves once it answers. */
  readonly start: () => Promise<void>;
  /** Process ids of the service. */
  readonly processes: () => readonly number[];
  /** Resolves once the service has exited, for any reason. */
  readonly ended: () => Promise<void>;
  /** Whether the data are kept at the end: only in a folder that was given. */
  readonly keepsData: boolean;
  /** Stops the service and removes everything temporary. */
  readonly close: () => Promise<void>;
  readonly environment: NodeJS.ProcessEnv;
  /** The verifier key of the service's signer for the log of this name (C2SP signed-note). */
  readonly verifierKey: (log: string) => Promise<string>;
  readonly tenants: Map<TenantName, DemoTenant>;
  /** Recording ids by the sample's file name. */
  readonly recordings: Map<string, string>;
  /** Ids that later steps of the story need. */
  readonly hand: Map<'request' | 'grant' | 'session' | 'subject', string>;
  /** Harbour Bank's people who decide with a passkey, once signed in. */
  readonly deciders: Map<keyof DemoTenant['deciders'], Decider>;
  readonly receipts: LogReceipt[];
  /** Everything at rest: the files of the data folder, and the blobs of a remote store. */
  readonly atRest: () => AsyncIterable<{ readonly name: string; readonly bytes: Buffer }>;
};

/** A person, signed in, with a passkey in software. */
export type Decider = {
  readonly browser: Browser<RequestOptions>;
  readonly passkey: ReturnType<typeof createAuthenticator>;
};

/** A reply with its complete body. `body` is parsed if it is JSON. */
export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly body: unknown;
};

export type RequestOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: object;
  readonly bytes?: Uint8Array<ArrayBuffer>;
};

const REPLY_MS = 30_000;
let turn = 0;

/** Sends one request with an API key. Keeps the log receipt of the reply. */
export async function send(
  world: DemoWorld,
  key: string,
  method: string,
  path: string,
  sent: RequestOptions = {},
): Promise<Reply> {
  const headers = { ...sent.headers, authorization: `Bearer ${key}` };
  return replyOf(world, await request(world, method, path, { ...sent, headers }));
}

/** Sends one request to the next process, so that each serves what another stored. */
export function request(world: DemoWorld, method: string, path: string, sent: RequestOptions): Promise<Response> {
  const headers = new Headers(sent.headers);
  if (sent.json !== undefined) headers.set('content-type', 'application/json');
  const body = sent.json === undefined ? (sent.bytes ?? null) : JSON.stringify(sent.json);
  const base = world.bases[turn++ % world.bases.length] ?? world.base;
  return fetch(`${base}${path}`, { method, headers, body, signal: AbortSignal.timeout(REPLY_MS) });
}

/** A reply with its complete body. Keeps its log receipt. */
export async function replyOf(world: DemoWorld, response: Response): Promise<Reply> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const receipt = response.headers.get('vault-audit');
  if (receipt !== null) world.receipts.push(readReceipt(receipt));
  const isJson = /[/+]json$/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, bytes, body: isJson ? parsed(bytes) : undefined };
}

function parsed(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString());
}

function readReceipt(header: string): LogReceipt {
  const [log, seq, hash] = header.split(' ');
  expectThat(log !== undefined && seq !== undefined && hash !== undefined, `the receipt is not one: ${header}`);
  return { log, seq: Number(seq), hash };
}

/** Fails the step unless `ok`. */
export function expectThat(ok: boolean, why: string): asserts ok {
  if (!ok) throw new Error(why);
}

/** Fails the step unless the reply has this status and, if given, this code. */
export function expectReply(reply: Reply, what: string, status: number, code?: string): void {
  const found = memberAt(reply.body, 'code');
  const said = typeof found === 'string' ? ` ${found}` : '';
  expectThat(reply.status === status, `${what}: ${reply.status}${said} instead of ${status}`);
  expectThat(code === undefined || found === code, `${what}:${said} instead of ${code}`);
}

/** Member of parsed JSON under these names and indices; undefined without one. */
export function memberAt(value: unknown, ...way: readonly (string | number)[]): unknown {
  let found = value;
  for (const name of way) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

/** The same, which must be a string. */
export function textAt(value: unknown, ...way: readonly (string | number)[]): string {
  const found = memberAt(value, ...way);
  expectThat(typeof found === 'string', `the reply has no text ${way.join('.')}`);
  return found;
}

/** The same, which must be an array. */
export function listAt(value: unknown, ...way: readonly (string | number)[]): readonly unknown[] {
  const found = memberAt(value, ...way);
  expectThat(Array.isArray(found), `the reply has no list ${way.join('.')}`);
  return found;
}

/** Member of a map that an earlier step must have set. */
export function required<K extends string, V>(map: ReadonlyMap<K, V>, name: K): V {
  const found = map.get(name);
  expectThat(found !== undefined, `no earlier step made ${name}`);
  return found;
}
