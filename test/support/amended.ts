// A tenant whose recordings have amendment entries, on each pair of engines; and edits by someone who can write bucket or
// database, with or without the key.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../src/bytes/ids.ts';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { entryPath } from '../../src/envelope/amendments/entry-name.ts';
import type { SecretKey } from '../../src/envelope/secret-key.ts';
import { mergeObject } from '../../src/model/amendments/merge-patch.ts';
import { tenantAfter } from '../../src/model/change/settings.ts';
import { locationOf, type Tenant } from '../../src/model/tenant.ts';
import type { Transaction } from '../../src/ports/database.ts';
import type { AmendmentRow } from '../../src/ports/rows/amendment-rows.ts';
import { type AmendmentText, writeEntry } from '../../src/vault/core/amendments/write-entry.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { openRawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import { storeFacts } from '../../src/vault/core/facts/store-facts.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import type { KeyedTenant } from '../../src/vault/rebuild/apply-stream.ts';
import { rebuildIndex } from '../../src/vault/rebuild/rebuild.ts';
import { rebuildTenant } from '../../src/vault/rebuild/tenant.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { type Cloud, needsCloud, openCloud } from './cloud.ts';
import { guardedVault } from './guarded.ts';
import { needs } from './needs.ts';
import { type RowsBySql, rowsOfPostgres, rowsOfSqlite } from './rows-by-sql.ts';
import { freshDatabase } from './servers/postgres.ts';
import { serverOf } from './servers/servers.ts';
import { callAudio, environmentOf, wavOf } from './vault.ts';

const by = operatorActor('op-9');

/** The engines that these suites run on. */
export const AMENDED_ON = [
  { on: 'a folder and SQLite', present: true, reason: '' },
  { on: 'a folder and PostgreSQL', ...needs('postgresql') },
  { on: 'RGW, KMS and PostgreSQL', ...needsCloud() },
] as const;
export type AmendedOn = (typeof AMENDED_ON)[number]['on'];

export type Amended = {
  readonly vault: Vault;
  readonly id: string;
  readonly request: RequestContext;
  readonly row: () => Promise<Tenant>;
  readonly metadataKey: () => Promise<SecretKey>;
  readonly deposit: (callId: string) => Promise<DepositResult>;
  /** Writes an entry with its row and what it says of facts or settings, as a change does, and what else the change does; no blob. */
  readonly amend: (subject: string, text: AmendmentText, also?: (tx: Transaction) => Promise<void>) => Promise<void>;
  /** Puts the blobs of a stream's rows and marks them. Returns their names. */
  readonly store: (subject: string) => Promise<string[]>;
  readonly rows: (subject: string) => Promise<AmendmentRow[]>;
  /** Replaces a stream's rows. */
  readonly setRows: (subject: string, rows: readonly AmendmentRow[]) => Promise<void>;
  readonly blob: (path: string) => Promise<Buffer>;
  /** Replaces a blob; null deletes it. */
  readonly setBlob: (path: string, bytes: Uint8Array | null) => Promise<void>;
  /** The names of all entries in the store. */
  readonly entries: () => Promise<string[]>;
  /** The database as an attacker with write access has it; the caller closes it. */
  readonly sql: () => Promise<RowsBySql>;
  /** A vault over the same store and keys, and an empty database. */
  readonly withoutRows: () => Promise<Vault>;
  /** Rebuilds the tenant and its rows from the store. */
  readonly rebuild: (vault: Vault) => Promise<Rebuilt>;
  readonly close: () => Promise<void>;
};

/** What a rebuild counts, and the problems that it names. */
export type Rebuilt = {
  readonly done: Awaited<ReturnType<typeof rebuildIndex>>;
  readonly problems: readonly { readonly kind: string; readonly path: string }[];
};

const described = { name: 'Harbour Bank', country: 'GB', defaultBasis: 'consent', approverAgeHours: 24 } as const;

/** Creates the tenant; nothing is deposited yet. */
export async function openAmended(on: AmendedOn): Promise<Amended> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-amended-'));
  const request: RequestContext = { signal: AbortSignal.timeout(3_600_000) };
  const cloud: Cloud | null = on === 'RGW, KMS and PostgreSQL' ? await openCloud() : null;
  const postgres = async () => ({ CALLVAULT_DATABASE: await freshDatabase(await serverOf('postgresql')) });
  const sqlite = on === 'a folder and SQLite';
  const engines = cloud?.env ?? { ...environmentOf(folder), ...(sqlite ? {} : await postgres()) };
  const opened: Composed[] = [];
  const open = async (env: Readonly<Record<string, string>>): Promise<Vault> => {
    const composed = await compose(readConfig({ ...engines, CALLVAULT_ORIGIN: 'vault.example', ...env }), (error) => {
      throw error;
    });
    opened.push(composed);
    return guardedVault(composed.vault);
  };
  const vault = await open({});
  const people = { admin: 'Ann', approvers: ['Sue'], approverAgeHours: 0 };
  const what = { name: 'Harbour Bank', country: 'GB', defaultBasis: 'consent', consent: 'any', ...people } as const;
  const { tenant: id } = await createTenant(vault, by, what, request);
  const row = async (): Promise<Tenant> => {
    const found = await vault.db.read(({ tenants }) => tenants.find(id), request);
    if (found === null) throw new Error('there is no such tenant');
    return found;
  };
  const place = locationOf(await row());
  const metadataKey = async () => vault.metadataKeys.get(await row(), request);
  const rows = (subject: string) => vault.db.read(({ amendments }) => amendments.page(id, subject, 0, 10_000), request);
  const uploader = { tenant: id, principal: 'svc_00000000000000000000000000', kind: 'service' } as const;
  const caller = { ...uploader, roles: ['uploader'], scopes: ['ingest'], auth: 'api-key', humans: [] } as const;

  const apply = async (tx: Transaction, of: KeyedTenant, subject: string, text: AmendmentText): Promise<void> => {
    if (text.op === 'settings') await tx.tenants.change(of.tenant, tenantAfter(text.set));
    const recording = text.op === 'facts' ? await tx.recordings.lock(id, subject) : null;
    if (text.op !== 'facts' || recording?.facts == null) return;
    const before = openRawFacts(of.metadataKey, recording, recording.facts);
    const facts = {
      before,
      after: mergeObject(before, text.set),
      begun: recording.startedAt,
      cause: 'platform',
    } as const;
    await storeFacts(tx, vault, { ...of, recording }, facts);
  };

  return {
    ...{ vault, id, request, row, metadataKey, rows },
    deposit: (callId) => deposit(vault, caller, callAudio(callId, wavOf(20_000)), request),
    amend: async (subject, text, also) => {
      const key = await metadataKey();
      await vault.db.change(async (tx) => {
        const tenant = await tx.tenants.lock(id);
        await also?.(tx);
        if (tenant !== null) await apply(tx, { tenant, metadataKey: key }, subject, text);
        const object = { id: newId('cmt'), recording: subject, session: newId('ses'), visibility: 'team' } as const;
        const made = event(id, by, 'comment.added', object, request);
        return { result: null, events: [await writeEntry(vault, tx, key, { tenant: id, subject }, made, text)] };
      }, request);
    },
    store: async (subject) => {
      const paths: string[] = [];
      for (const entry of await rows(subject)) {
        const path = entryPath(entry, entry.n, entry.at);
        if (!entry.stored) await vault.store.put(place, path, entry.entry, newId('evt'), request);
        await vault.db.note(({ amendments }) => amendments.markStored(entry), request);
        paths.push(path);
      }
      return paths;
    },
    setRows: async (subject, wanted) => {
      await vault.db.change(async (tx) => {
        await tx.amendments.deleteOf(id, subject);
        for (const entry of wanted) await tx.amendments.insert(entry);
        return { result: null, events: [event(id, by, 'tenant.resumed', { id }, request)] };
      }, request);
    },
    blob: async (path) => {
      const found = await vault.store.get(place, path, 100_000, request);
      if (found === null) throw new Error(`there is no ${path}`);
      return found.bytes;
    },
    setBlob: async (path, bytes) => {
      await vault.store.delete(place, path, request);
      if (bytes !== null) await vault.store.put(place, path, bytes, newId('evt'), request);
    },
    entries: async () => {
      const paths: string[] = [];
      for await (const { path } of vault.store.list(place, `t/${id}/a/`, request)) paths.push(path);
      return paths.sort();
    },
    sql: async () => {
      const url = engines['CALLVAULT_DATABASE'] ?? '';
      return url.startsWith('sqlite:') ? rowsOfSqlite(url.slice('sqlite:'.length)) : rowsOfPostgres(url);
    },
    withoutRows: async () =>
      open(sqlite ? { CALLVAULT_DATABASE: `sqlite:${join(folder, `${newId('evt')}.db`)}` } : await postgres()),
    rebuild: async (empty) => {
      const problems: { kind: string; path: string }[] = [];
      const { key } = await row();
      const trusted = { keys: [key?.id ?? ''], minimumWrap: 1 };
      const { row: made } = await rebuildTenant(empty, by, { tenant: id, place, described }, trusted, request);
      const tell = {
        total: () => undefined,
        step: () => undefined,
        problem: (problem: { kind: string; path: string }) => void problems.push(problem),
      };
      return { done: await rebuildIndex(empty, by, made, trusted, tell, request), problems };
    },
    close: async () => {
      for (const one of opened) await one.close();
      await cloud?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
