// Seals a log: signs its size and root, puts the events since the last seal into the store, the checkpoint into the anchor, and remembers both.
import { randomUUID } from 'node:crypto';
import { toBase64 } from '../../bytes/base64.ts';
import { equalBytes } from '../../bytes/digest.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { leafHash, logName, type NewEvent, type StoredEvent } from '../../model/audit-event.ts';
import { checkpointText } from '../../model/log/checkpoint.ts';
import { namedKey, readNote } from '../../model/log/note.ts';
import { SEGMENT_EVENTS, writeSegment } from '../../model/log/segment.ts';
import type { Signer } from '../../ports/signer.ts';
import { event, systemActor } from '../core/events/events.ts';
import { noteCrypto } from '../core/proofs/note-crypto.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type AcceptedLoss, acceptedLoss } from './accepted-loss.ts';
import { differenceError } from './compare-log.ts';
import { guardLog } from './guard-log.ts';
import { type LogTree, treeAt } from './log-tree.ts';
import { checkpointAt, type Shelf, shelfPath, type Trust, trustedCheckpoint } from './published.ts';
import { type Shelves, shelvesOf } from './shelves.ts';
import { signatureError } from './signer-of-logs.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'clock'> & { readonly signer: Signer };

/** The tree of a log as this process sealed it last; kept between rounds, until the log is restored. */
export type SealedTrees = Map<string, { readonly tree: LogTree; readonly restored: number }>;

/** What a sealing did: events and segments, and names in store or anchor that are no checkpoints of this log. */
export type SealedLog = { readonly events: number; readonly segments: number; readonly foreign: readonly string[] };

const NOTHING: SealedLog = { events: 0, segments: 0, foreign: [] };

/**
 * Seals what a log has grown by. Several processes may seal one log, and each may end between any two steps. Throws
 * `integrity` where the log differs from what was published, which holds it, where an event does not have its hash, or where another root
 * was published at the same size; `signer_differs` where another signer signed the newest seal; and the ports' errors.
 */
export async function sealLog(
  vault: Deps,
  trees: SealedTrees,
  log: string,
  request: RequestContext,
): Promise<SealedLog> {
  const shelves = await shelvesOf(vault, log, request);
  const compared = await guardLog(vault, log, request);
  if (shelves === null) return NOTHING;
  if (compared.differs !== null) throw differenceError(log, compared.differs);
  const known = trees.get(log);
  // Whatever fails below, the next round begins with what was committed.
  trees.delete(log);
  const isCurrent = known !== undefined && known.restored === compared.restored;
  const tree = isCurrent ? known.tree : await openTree(vault, log, compared.published !== null, request);
  let [events, segments] = [0, 0];
  for (;;) {
    const page = await vault.db.read((rows) => rows.log.events(log, tree.edge.size(), SEGMENT_EVENTS), request);
    if (page.length === 0) break;
    await sealPage(vault, { shelves, log, tree, page }, request);
    events += page.length;
    segments++;
  }
  trees.set(log, { tree, restored: compared.restored });
  return { events, segments, foreign: compared.foreign };
}

type Page = {
  readonly shelves: Shelves;
  readonly log: string;
  readonly tree: LogTree;
  readonly page: readonly StoredEvent[];
};

async function sealPage(vault: Deps, { shelves, log, tree, page }: Page, request: RequestContext): Promise<void> {
  const { signer, settings, db } = vault;
  const { edge } = tree;
  for (const { seq, leaf, hash } of page) {
    if (seq !== edge.size() || !equalBytes(leafHash(leaf), hash)) {
      throw new VaultError('integrity', `event ${seq} of the log of ${log} does not have its index or its hash`);
    }
    edge.add(hash);
  }
  const [name, size, root] = [logName(settings.origin, log), edge.size(), edge.root()];
  const note = signer.sign(name, checkpointText({ log: name, size, root }));
  const trust = { origin: settings.origin, log, signer };
  const segment = writeSegment({ note, leaves: page.map(({ leaf }) => leaf) });
  await publish(shelves.segments, { size, root, bytes: segment }, trust, request);
  if (shelves.anchor !== null) {
    const isAccepted = await db.read((rows) => acceptedLoss(rows, log), request);
    await publish(shelves.anchor, { size, root, bytes: Buffer.from(note) }, trust, request, isAccepted);
  }
  const tiles = tree.grown();
  await db.note((notes) => notes.seals.seal(log, { size, note }, tiles), request);
}

type Published = { readonly size: number; readonly root: Uint8Array; readonly bytes: Uint8Array };

/** Puts what is published at a size. One that is there already must have the same root, unless that is lost. */
async function publish(
  shelf: Shelf,
  { size, root, bytes }: Published,
  trust: Trust,
  request: RequestContext,
  isAccepted: AcceptedLoss = () => false,
): Promise<void> {
  const path = shelfPath(shelf, size);
  try {
    await shelf.store.put(shelf.location, path, bytes, randomUUID(), request);
  } catch (error) {
    if (!hasCode(error, 'blob_exists')) throw error;
    const other = await checkpointAt(shelf, path, trust, request);
    if (other !== null && other.size === size && (equalBytes(other.root, root) || isAccepted(size))) return;
    throw new VaultError('integrity', `another checkpoint of the log of ${trust.log} was published at size ${size}`, {
      cause: error,
    });
  }
}

/** The tree at the newest seal in the database, with the events that a first seal, or a new key, needs before it. */
async function openTree(vault: Deps, log: string, wasPublished: boolean, request: RequestContext): Promise<LogTree> {
  const { signer, settings } = vault;
  const { tree, seal, size } = await vault.db.read(async (rows) => {
    const newest = await rows.seals.newest(log);
    return { seal: newest, tree: await treeAt(rows, log, newest?.size ?? 0), size: await rows.log.size(log) };
  }, request);
  if (seal !== null) {
    const checkpoint = trustedCheckpoint(seal.note, { origin: settings.origin, log, signer });
    if (checkpoint === null) throw signatureError(seal.note, { origin: settings.origin, log, signer });
    if (!equalBytes(checkpoint.root, tree.edge.root())) {
      throw new VaultError('integrity', `the log of ${log} no longer has the root of its newest seal`);
    }
  }
  const actor = systemActor(settings);
  const events: NewEvent[] = [];
  if (seal === null && !wasPublished) {
    const url = settings.url === null ? {} : { url: settings.url };
    events.push(event(log, actor, 'log.adopted', { id: log, size, rules: 1, ...url }, request));
  }
  for (const key of newKeys(signer, logName(settings.origin, log), seal?.note ?? null)) {
    events.push(event(log, actor, 'signer.added', { id: log, key: toBase64(key) }, request));
  }
  if (events.length > 0) await vault.db.change(async () => ({ result: undefined, events }), request);
  return tree;
}

/** The keys after the first that did not sign this note, as the log names them: 0x01 and the 32 bytes. */
function newKeys({ keys }: Signer, name: string, note: string | null): Uint8Array[] {
  const signatures = note === null ? [] : (readNote(note)?.signatures ?? []);
  const signed = (key: Uint8Array): boolean =>
    signatures.some(({ id }) => equalBytes(id, namedKey(name, key, noteCrypto.sha256).id));
  return keys.slice(1).flatMap((key) => (signed(key) ? [] : [Uint8Array.of(1, ...key)]));
}
