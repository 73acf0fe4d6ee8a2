// The files of an exported log, for those who check it without the service: entry bundles, tiles and checkpoints (C2SP tlog-tiles).
import { equalBytes } from '../../bytes/digest.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { type Actor, leafHash } from '../../model/audit-event.ts';
import type { Difference } from '../../model/held-log.ts';
import { writeEntries } from '../../model/log/entries.ts';
import { createEdge } from '../../model/log/tree/edge.ts';
import { type TileRow, tileRows } from '../../model/log/tree/tile-rows.ts';
import { HASH_BYTES, TILE_WIDTH, tilePath } from '../../model/log/tree/tiles.ts';
import type { PolicyRow } from '../../model/policy.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { countEvent } from '../core/events/count-events.ts';
import { usesStore } from '../core/process-role.ts';
import { noteCrypto } from '../core/proofs/note-crypto.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { newestNote, trustedCheckpoint } from './published.ts';
import { shelvesOf } from './shelves.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'clock' | 'settings' | 'signer' | 'metadataKeys'>;

/** A file of an export: its path in the folder, and its bytes. */
export type ExportedFile = { readonly path: string; readonly bytes: Uint8Array };

/** What an export reports besides its files. */
export type ExportNotices = {
  /** The tenant's key is unavailable, without which no policy is known to be authentic. */
  readonly withoutPolicies: (error: VaultError) => void;
  /** The log is held. `published`: sizes of the checkpoints from store and anchor that the export has. */
  readonly held: (differs: Difference, published: readonly number[]) => void;
};

const NO_NOTICES: ExportNotices = { withoutPolicies: () => undefined, held: () => undefined };

const SEALS = 500;
const POLICIES = 100;

/**
 * The files of a log up to its newest seal: `tile/entries/…`, `tile/<level>/…`, `checkpoints/<size>` of each seal,
 * `policies/<id>.json` of each version of a tenant's policy, and `checkpoint` last, so that an export that was cut off has
 * none. Of a held log, `checkpoints/` has the newest ones of store and anchor, in place of those that the database has at
 * their sizes: they prove how it differs. Reads the log of a tenant or the deployment as an operator. Throws `not_found`
 * where the log was never sealed, and `integrity` where the events do not have its root or a policy is not authentic.
 */
export async function* exportLog(
  vault: Deps,
  by: Actor,
  log: string,
  request: RequestContext,
  notices = NO_NOTICES,
): AsyncGenerator<ExportedFile> {
  const newest = await vault.db.read((rows) => rows.seals.newest(log), request);
  if (newest === null)
    throw new VaultError('not_found', `the log of ${log} has not been sealed: there is nothing to export`);
  // Not before: a name that is no log's must not get a log.
  const read = { tenant: log, actor: by, action: 'log.read', object: { id: log } } as const;
  await countEvent(vault, read, request).catch(async (error: unknown) => {
    // A held log takes no event, and it is the one to look at.
    if (!hasCode(error, 'audit_unavailable') || (await heldBy(vault, log, request)) === null) throw error;
  });
  const rows = tileRows();
  const edge = createEdge(noteCrypto.sha256, undefined, rows.complete);
  for (let index = 0; edge.size() < newest.size; index++) {
    const width = Math.min(TILE_WIDTH, newest.size - edge.size());
    const events = await vault.db.read((rows) => rows.log.events(log, edge.size(), width), request);
    for (const { leaf } of events) {
      const hash = leafHash(leaf);
      edge.add(hash);
      rows.add(hash);
    }
    if (events.length < width)
      throw new VaultError('integrity', `the log of ${log} has fewer events than its newest seal`);
    yield { path: tilePath('entries', index, width), bytes: writeEntries(events.map(({ leaf }) => leaf)) };
    for (const row of rows.takeWhole()) yield tileFile(row);
  }
  for (const row of rows.rest()) yield tileFile(row);
  requireRoot(vault, log, newest.note, edge.root());
  const differs = await heldBy(vault, log, request);
  const published = differs === null ? new Map<number, string>() : await publishedOf(vault, log, request);
  if (differs !== null) notices.held(differs, [...published.keys()]);
  yield* checkpoints(vault, log, published, request);
  yield* policies(vault, log, request, notices.withoutPolicies);
  yield { path: 'checkpoint', bytes: Buffer.from(newest.note) };
}

async function heldBy({ db }: Pick<Vault, 'db'>, log: string, request: RequestContext): Promise<Difference | null> {
  return (await db.read((rows) => rows.log.state(log), request))?.held ?? null;
}

/** The newest checkpoints in store and anchor by size. A place that does not answer must not keep back the other. */
async function publishedOf(vault: Deps, log: string, request: RequestContext): Promise<Map<number, string>> {
  const { signer, settings } = vault;
  const shelves = signer === null ? null : await shelvesOf(vault, log, request);
  const notes = new Map<number, string>();
  if (signer === null || shelves === null) return notes;
  for (const shelf of [usesStore(settings.role) ? shelves.segments : null, shelves.anchor]) {
    if (shelf === null) continue;
    const found = await newestNote(shelf, { origin: settings.origin, log, signer }, request).catch((error: unknown) => {
      if (error instanceof VaultError) return null;
      throw error;
    });
    if (found !== null) notes.set(found.size, found.note);
  }
  return notes;
}

function tileFile({ level, index, hashes }: TileRow): ExportedFile {
  return { path: tilePath(level, index, hashes.length / HASH_BYTES), bytes: hashes };
}

async function* checkpoints(
  vault: Deps,
  log: string,
  published: ReadonlyMap<number, string>,
  request: RequestContext,
): AsyncGenerator<ExportedFile> {
  for (const [size, note] of published) yield { path: `checkpoints/${size}`, bytes: Buffer.from(note) };
  for (let from = 0; ; ) {
    const seals = await vault.db.read((rows) => rows.seals.seals(log, from, SEALS), request);
    for (const { size, note } of seals)
      if (!published.has(size)) yield { path: `checkpoints/${size}`, bytes: Buffer.from(note) };
    if (seals.length < SEALS) return;
    from = (seals.at(-1)?.size ?? 0) + 1;
  }
}

/** The exact texts whose SHA-256 the events name. */
async function* policies(
  vault: Deps,
  log: string,
  request: RequestContext,
  without: (error: VaultError) => void,
): AsyncGenerator<ExportedFile> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(log), request);
  if (tenant === null || tenant.key === null) return;
  let key: SecretKey;
  try {
    key = await vault.metadataKeys.get(tenant, request);
  } catch (error) {
    // The use of a key is an event too: of a held log there are no policies.
    const isSealed = hasCode(error, 'audit_unavailable') && (await heldBy(vault, log, request)) !== null;
    if (!isSealed && !hasCode(error, 'key_service_unavailable', 'key_refused')) throw error;
    without(error as VaultError);
    return;
  }
  for (let before: string | null = null; ; ) {
    const after = before;
    const page: readonly PolicyRow[] = await vault.db.read(
      (rows) => rows.tenants.policies(log, after, POLICIES),
      request,
    );
    for (const row of page) {
      requireAuthentic(key, 'policy', row);
      yield { path: `policies/${row.id}.json`, bytes: Buffer.from(row.body) };
    }
    if (page.length < POLICIES) return;
    before = page.at(-1)?.id ?? null;
  }
}

/** Without a signer here, the check of the export compares the root. */
function requireRoot({ signer, settings }: Deps, log: string, note: string, root: Uint8Array): void {
  if (signer === null) return;
  const checkpoint = trustedCheckpoint(note, { origin: settings.origin, log, signer });
  if (checkpoint === null || !equalBytes(checkpoint.root, root)) {
    throw new VaultError('integrity', `the events of the log of ${log} do not have the root of its newest seal`);
  }
}
