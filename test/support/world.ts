// A whole vault in a temporary folder: two tenants with their people, the HTTP application, and snapshots of rows and files.
// Long because vault, cast, server and snapshot are one fixture.
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { folderStore } from '../../src/adapters/local/folder-store.ts';
import { openKeyring } from '../../src/adapters/local/keyring.ts';
import { systemClock } from '../../src/adapters/local/system-clock.ts';
import { phoneNumbers } from '../../src/adapters/media/phone-numbers.ts';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { openSqlite } from '../../src/adapters/sql/sqlite.ts';
import { passkeysOf } from '../../src/adapters/webauthn/passkeys.ts';
import { newRequestId } from '../../src/bytes/ids.ts';
import { type AnsweredRequest, createApp } from '../../src/http/app.ts';
import type { ConsoleFiles } from '../../src/http/console.ts';
import type { LimitTable } from '../../src/http/rate-limits.ts';
import { httpServer, listenOn } from '../../src/main/server.ts';
import { docsFile } from '../../src/main/static-files.ts';
import type { BasisKind, ConsentRule } from '../../src/model/basis.ts';
import type { StoreLocation } from '../../src/model/tenant.ts';
import type { KeyService } from '../../src/ports/key-service.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { logProofs } from '../../src/vault/core/events/log-proofs.ts';
import { challengeKey } from '../../src/vault/core/keys-in-memory/challenge-key.ts';
import { ingestKeys } from '../../src/vault/core/keys-in-memory/ingest-keys.ts';
import { metadataKeys } from '../../src/vault/core/keys-in-memory/metadata-keys.ts';
import { sessionKeys } from '../../src/vault/core/keys-in-memory/session-keys.ts';
import { tenantKeks } from '../../src/vault/core/keys-in-memory/tenant-keks.ts';
import { mediaBudgets } from '../../src/vault/core/media-budget.ts';
import { replayGate } from '../../src/vault/core/replay-gate.ts';
import { processClock } from '../../src/vault/core/time/process-clock.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { databaseCheck, keysCheck, logCheck, storeCheck } from '../../src/vault/health/checks.ts';
import { readiness } from '../../src/vault/health/readiness.ts';
import { addOperator, type DeploymentRole } from '../../src/vault/people/add-operator.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { deactivatePrincipal } from '../../src/vault/people/deactivate.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { asServed, routesByUse, takeFindings } from './allowed-statements.ts';
import { checkAgainstDocument } from './api-conformance.ts';
import { patientProbes } from './decoded-sound.ts';
import { guardedPorts } from './guarded.ts';
import { resealRows } from './reseal.ts';
import { makeSigner } from './signer-file.ts';
import { migratedFile } from './sqlite-database.ts';
import { unpacedBudgets } from './unpaced.ts';

/** The public URL of the world's application; its server listens elsewhere. */
export const URL_OF_WORLD = 'https://vault.example';

export type WorldOptions = {
  readonly maxBytes?: number;
  readonly defaultBasis?: BasisKind;
  /** Which consent counts for quality and training; by default any: most tests deposit without a basis. */
  readonly consent?: ConsentRule;
  readonly approverAgeHours?: number;
  /** Whether API keys may decide: most tests approve by key. */
  readonly apiKeyDecisions?: boolean;
  readonly https?: boolean;
  /** The public URL, instead of URL_OF_WORLD. */
  readonly url?: string;
  /** The proxies it trusts. */
  readonly trustedProxies?: readonly string[];
  /** Limits instead of the defaults. */
  readonly limits?: LimitTable;
  /** Receives requests that a limit rejected. */
  readonly limited?: (name: string) => void;
  /** The console it serves. */
  readonly console?: ConsoleFiles;
  /** Adds routes to the application before its first request. */
  readonly routes?: (app: ReturnType<typeof createApp>, vault: Vault) => void;
  /** The URL of a fresh PostgreSQL database instead of SQLite: `sql`, `snapshot` and `spoil` do not work then. */
  readonly postgres?: string;
  /** Whether replies are paced: most tests read long calls whole and test something else. */
  readonly paced?: boolean;
  /** Whether the process has a signing key. */
  readonly signed?: boolean;
  /** Whether checkpoints are also put into an anchor, the folder `anchor`. */
  readonly anchored?: boolean;
  /** Between two rounds that seal. */
  readonly sealSeconds?: number;
  readonly erasePerMinute?: number;
  readonly backupDays?: number;
  /** Engines instead of the folder and the keyring, and the location of new tenants' objects in them. */
  readonly engines?: { readonly store: ObjectStore; readonly keys: KeyService; readonly place: StoreLocation };
};

/** A principal of a tenant: its id, and the secret of its API key. */
export type KeyHolder = { readonly id: string; readonly key: string };

const CAST = ['uploader', 'other', 'reviewer', 'colleague', 'supervisor', 'privacy', 'auditor', 'admin'] as const;

/** `other` is a second uploader, `colleague` a second reviewer. */
export type Cast = { readonly tenant: string } & Readonly<Record<(typeof CAST)[number], KeyHolder>>;

/** The input of a call besides method and path. */
export type RequestOptions = {
  readonly key?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array>;
  /** Sent as JSON. */
  readonly json?: unknown;
};

const LOCAL = { region: '', bucket: '', prefix: '' };
const operator = operatorActor('op-1');
const request = () => ({ signal: AbortSignal.timeout(600_000) });

export type World = Awaited<ReturnType<typeof makeWorld>>;

/** Creates a world; `end` removes it. */
export async function makeWorld(options: WorldOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'callvault-world-'));
  const file = join(folder, 'vault.db');
  const { vault, ready, forward } = await vaultIn(folder, file, options);
  const answered: AnsweredRequest[] = [];
  const held = checkAgainstDocument(() => app);
  const onAnswered = (one: AnsweredRequest): void => {
    answered.push(one);
    held.answered(one);
  };
  const app: ReturnType<typeof createApp> = createApp(vault, onAnswered, {
    https: options.https === true,
    readiness: ready,
    ...(options.trustedProxies === undefined ? {} : { trustedProxies: options.trustedProxies }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.limited === undefined ? {} : { limited: options.limited }),
    docs: docsFile,
    ...(options.console === undefined ? {} : { console: options.console }),
  });
  const [routes, { fetch }] = [routesByUse(vault), app];
  app.fetch = (sent, ...more) => asServed(routes, sent, () => fetch(sent, ...more));
  options.routes?.(app, vault);
  const harbour = await createCast(vault, 'Harbour Bank', 'GB', options);
  const yunhai = await createCast(vault, 'Yunhai Travel', 'CN', options);
  const sql = new SqliteFile(file);
  const servers: Server[] = [];

  const call = async (method: string, path: string, sent: RequestOptions = {}): Promise<Response> => {
    const headers = new Headers(sent.headers);
    if (sent.key !== undefined) headers.set('authorization', `Bearer ${sent.key}`);
    if (sent.type !== undefined) headers.set('content-type', sent.type);
    if (sent.json !== undefined) headers.set('content-type', 'application/json');
    const body = sent.json === undefined ? sent.body : JSON.stringify(sent.json);
    const reply = await app.request(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body as never, duplex: 'half' }),
    });
    await held.replied(reply);
    return reply;
  };

  return {
    folder,
    vault,
    app,
    ready,
    undocumented: held.undocumented,
    answered,
    /** The path of every route, once for each method. */
    routes: [
      ...new Set(app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)),
    ].map((route) => route.replace(/^\S+ /, '')),
    /** The path of every POST. */
    posts: [...new Set(app.routes.filter(({ method }) => method === 'POST').map(({ path }) => path))],
    harbour,
    yunhai,
    /** A second handle on the database, for changes that no use case makes. */
    sql,
    /** Gives rows that a test has edited by `sql` the MAC of their current content. */
    reseal: () => resealRows(vault, sql),
    /** Advances the vault's clock. */
    forward,
    call,
    /** Creates another API key. */
    keyOf: async (tenant: string, principal: string, scopes: readonly string[] | null = null, days = 30) =>
      createApiKey(vault, operator, { tenant, principal, days, scopes }, request()),
    turnOff: (tenant: string, principal: string) => deactivatePrincipal(vault, operator, tenant, principal, request()),
    suspend: (tenant: string) => suspendTenant(vault, operator, tenant, request()),
    /** Adds an operator by staff code. */
    operator: (code: string, role: DeploymentRole = 'operator') => addOperator(vault, operator, code, role, request()),
    /** Adds a reviewer of this name. */
    named: (tenant: string, name: string, roles: readonly string[] = ['reviewer']) =>
      addPrincipal(vault, operator, { tenant, kind: 'person', name, roles, owners: [] }, request()),
    /** Adds a person with a key. */
    person: (tenant: string, roles: readonly string[]) => createPerson(vault, tenant, roles),
    /** A real server over the same vault, on a free port. */
    listen: async (wanted = 0): Promise<{ readonly port: number; readonly url: string }> => {
      const server = httpServer(app.fetch, '127.0.0.1');
      servers.push(server);
      const port = await listenOn(server, { host: '127.0.0.1', port: wanted });
      return { port, url: `http://127.0.0.1:${port}` };
    },
    /** Requests access, approves it, and returns the grant's id. */
    grant: async (cast: Cast, recording: string, wish: Readonly<Record<string, unknown>> = {}): Promise<string> => {
      const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15, ...wish };
      const accessRequest = await call('POST', '/v1/access-requests', { key: cast.reviewer.key, json });
      const { id } = (await accessRequest.json()) as { id: string };
      const approved = await call('POST', `/v1/access-requests/${id}/approve`, { key: cast.supervisor.key });
      return ((await approved.json()) as { grant: { id: string } }).grant.id;
    },
    /** Opens a session of the reviewer's grant and returns its id. */
    session: async (cast: Cast, grant: string): Promise<string> => {
      const opened = await call('POST', `/v1/grants/${grant}/sessions`, { key: cast.reviewer.key });
      return ((await opened.json()) as { id: string }).id;
    },
    /** Deposits a body by one-line ingest and returns the reply. */
    ingest: (cast: Cast, callId: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
      call('PUT', `/v1/ingest/pbx/${callId}`, { key: cast.uploader.key, type: 'audio/wav', headers, body }),
    /** The recording of a body that is deposited by one-line ingest. */
    deposited: async (
      cast: Cast,
      callId: string,
      body: Uint8Array,
      { type = 'audio/wav', ...headers }: Readonly<Record<string, string>> = {},
    ): Promise<string> => {
      const reply = await call('PUT', `/v1/ingest/pbx/${callId}`, { key: cast.uploader.key, type, headers, body });
      if (reply.status !== 201) throw new Error(`deposit: ${reply.status} ${await reply.text()}`);
      return ((await reply.json()) as { recording: string }).recording;
    },
    /** All rows of a tenant as text, except its log, its windows and the times of last use. */
    snapshotOf: async (tenant: string): Promise<string> => {
      const lines = await snapshotOf(sql, join(folder, 'store'), true);
      return lines.filter((line) => line.includes(tenant) && !/^(sign_in|idempotency) /.test(line)).join('\n');
    },
    /** All rows and files: see `snapshotOf`. */
    snapshot: (strict = false) => snapshotOf(sql, join(folder, 'store'), strict),
    /** Changes one byte of the largest file in the store. */
    spoil: async (at: number): Promise<void> => {
      const store = join(folder, 'store');
      const entries = (await readdir(store, { recursive: true, withFileTypes: true })).filter((entry) =>
        entry.isFile(),
      );
      const files = entries.map((entry) => join(entry.parentPath, entry.name));
      const [largest = ''] = files.sort((a, b) => statSync(b).size - statSync(a).size);
      const bytes = await readFile(largest);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      await writeFile(largest, bytes);
    },
    end: async (): Promise<void> => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      sql.close();
      vault.sessionKeys.close();
      vault.metadataKeys.close();
      vault.tenantKeks.close();
      vault.ingestKeys.close();
      await vault.probes.close();
      await vault.db.close();
      await rm(folder, { recursive: true, force: true });
      const undocumented = held.undocumented();
      const beyond = takeFindings();
      if (beyond.length > 0) throw new Error(`beyond the rights of database users:\n${beyond.join('\n')}`);
      if (undocumented.length > 0) throw new Error(`not in the document of the API:\n${undocumented.join('\n')}`);
    },
  };
}

/** Opens a vault over a folder of store, keyring and keys, and a database. */
export async function vaultIn(folder: string, file: string, options: WorldOptions) {
  let ahead = 0;
  const clock = { ...systemClock(), now: () => Date.now() + ahead, steady: () => performance.now() + ahead };
  const engines = options.engines ?? {
    store: folderStore(join(folder, 'store')),
    keys: await openKeyring(join(folder, 'keyring.json'), join(folder, 'root', 'root.key')),
    place: LOCAL,
  };
  const { keys, place } = engines;
  const identity = { origin: 'vault.example', node: 'node-1' };
  const fatal = (error: unknown) => {
    throw error;
  };
  if (options.postgres === undefined && !existsSync(file)) await migratedFile(file);
  const db =
    options.postgres === undefined
      ? await openSqlite(file, { clock, identity, fatal })
      : await openPostgres(options.postgres, { clock, identity, witness: false });
  await db.claimOrigin(identity.origin, request());
  const maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  const settings = {
    ...identity,
    url: options.url ?? URL_OF_WORLD,
    role: 'all',
    instance: newRequestId(),
    leaseSeconds: 60,
    sealSeconds: options.sealSeconds ?? 60,
    erasePerMinute: options.erasePerMinute ?? 60,
    backupDays: options.backupDays ?? null,
    maxBytes,
    location: place,
  } as const;
  const ports = guardedPorts({ db, store: engines.store, keys });
  const metadata = metadataKeys({ ...ports, clock, settings });
  const vault: Vault = {
    ...ports,
    clock,
    probes: patientProbes(),
    phones: phoneNumbers(),
    settings,
    metadataKeys: metadata,
    boundSources: new Map(),
    processClock: processClock(clock),
    replayGate: replayGate(clock),
    tenantKeks: tenantKeks({ ...ports, clock, settings }),
    ingestKeys: ingestKeys({ ...ports, clock, settings, metadataKeys: metadata }),
    sessionKeys: sessionKeys(),
    logProofs: logProofs({ ...ports, clock }),
    mediaBudgets: options.paced === true ? mediaBudgets(clock) : unpacedBudgets(),
    challengeKey: challengeKey(ports),
    passkeys: passkeysOf(settings.url),
    anchor: options.anchored === true ? { store: folderStore(join(folder, 'anchor')), location: LOCAL } : null,
    signer: options.signed === true ? await makeSigner([join(folder, 'signer.pem')]) : null,
  };
  const forward = (milliseconds: number): void => {
    ahead += milliseconds;
  };
  const ready = readiness(clock, [
    databaseCheck(db),
    logCheck(db, clock),
    keysCheck(db, keys),
    storeCheck(db, vault.store),
  ]);
  ready.begin();
  return { vault, ready, forward };
}

async function createCast(vault: Vault, name: string, country: string, options: WorldOptions): Promise<Cast> {
  const { defaultBasis = 'consent', consent = 'any', approverAgeHours = 0, apiKeyDecisions = true } = options;
  const people = { admin: 'Ann', approvers: ['Sue'], approverAgeHours, apiKeyDecisions };
  const what = { name, country, defaultBasis, consent, ...people };
  const made = await createTenant(vault, operator, what, request());
  const { tenant } = made;
  const supervisor = await withApiKey(vault, tenant, made.approvers[0] ?? '');
  const service = async () => {
    const row = { tenant, kind: 'service', name: 'pbx', roles: ['uploader'], owners: [supervisor.id] } as const;
    return withApiKey(vault, tenant, await addPrincipal(vault, operator, row, request()));
  };
  return {
    tenant,
    supervisor,
    admin: await withApiKey(vault, tenant, made.admin),
    uploader: await service(),
    other: await service(),
    reviewer: await createPerson(vault, tenant, ['reviewer']),
    colleague: await createPerson(vault, tenant, ['reviewer']),
    privacy: await createPerson(vault, tenant, ['privacy']),
    auditor: await createPerson(vault, tenant, ['auditor']),
  };
}

async function createPerson(vault: Vault, tenant: string, roles: readonly string[]): Promise<KeyHolder> {
  const row = { tenant, kind: 'person', name: 'Rita', roles, owners: [] } as const;
  return withApiKey(vault, tenant, await addPrincipal(vault, operator, row, request()));
}

async function withApiKey(vault: Vault, tenant: string, principal: string): Promise<KeyHolder> {
  const { secret } = await createApiKey(vault, operator, { tenant, principal, days: 30, scopes: null }, request());
  return { id: principal, key: secret };
}

/** The unlisted traces of a failed attempt: the ids of its deposit, and the hidden recording. */
const LENIENT: Readonly<Record<string, string>> = {
  deposit: "where state <> 'ABORTED'",
  recording: "where state <> 'EXPECTED' or described = 1",
  blind_index:
    "where exists (select 1 from recording r where r.id = recording and (r.state <> 'EXPECTED' or r.described = 1))",
};

/** Rows of every table except the log and its windows, and the store's files with their sizes. `strict` adds failed attempts. */
async function snapshotOf(sql: SqliteFile.Database, store: string, strict: boolean): Promise<readonly string[]> {
  const named = sql.prepare("select name from sqlite_master where type = 'table' order by name").all();
  const tables = (named as { name: string }[]).map(({ name }) => name);
  const lines: string[] = [];
  for (const table of tables.filter((name) => !/^(audit_|window$|kysely|sqlite_)/.test(name))) {
    const rows = sql.prepare(`select * from ${table} ${strict ? '' : (LENIENT[table] ?? '')}`).all();
    for (const row of rows as Record<string, unknown>[]) {
      const shown = Object.entries(row).filter(([column]) => !column.startsWith('lease_'));
      lines.push(
        `${table} ${JSON.stringify(shown, (_, v) => (v instanceof Uint8Array ? Buffer.from(v).toString('hex') : v))}`,
      );
    }
  }
  for (const entry of await readdir(store, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) lines.push(`file ${relative(store, join(entry.parentPath, entry.name))}`);
  }
  return lines.sort();
}
