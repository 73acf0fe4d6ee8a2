// The proof that a sealed log has an event: its leaf, the inclusion proof and the newest checkpoint, in one text (C2SP tlog-proof).
import { equalBytes } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import { leafHash, type StoredEvent } from '../../model/audit-event.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import { writeTlogProof } from '../../model/log/tlog-proof.ts';
import { type Node, nodesOf } from '../../model/log/tree/edge.ts';
import { inclusionSteps, stepHash } from '../../model/log/tree/make-proof.ts';
import { hashInTile, tileOf, tileWidth } from '../../model/log/tree/tiles.ts';
import { isIncluded } from '../../model/log/tree/verify-proof.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { noteCrypto } from '../core/proofs/note-crypto.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { notSealed, readTile, requireHash, type SealedLog, sealedLog } from './sealed-log.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'signer'>;

const { sha256 } = noteCrypto;

/**
 * The proof of an event of the caller's own log, verified before it is returned. Anyone but an auditor must know the
 * event's hash. The leaf is part of it for auditors and for the event's actor. Throws `malformed` without a hash that is
 * needed, `not_found` for an index that the log does not have and for another hash, `not_sealed` for an event that no
 * checkpoint covers yet, and `integrity` where the stored tree, event or checkpoint is wrong.
 */
export async function proveEvent(
  vault: Deps,
  by: Caller,
  { index, hash }: { readonly index: number; readonly hash: Uint8Array | null },
  request: RequestContext,
): Promise<string> {
  const isAuditor = may(by, 'log.read');
  const log = by.tenant;
  if (hash === null && !isAuditor) {
    const fields = [{ pointer: '/hash', detail: 'is required of everyone but auditors: the hash in Vault-Audit' }];
    throw new VaultError('malformed', 'the hash of the event is missing', { fields });
  }
  await countEvent(vault, { tenant: log, actor: actorOf(by), action: 'log.read', object: { id: log } }, request);
  const { event, sealed, path } = await vault.db.read(async (rows) => {
    const [found] = await rows.log.events(log, index, 1);
    if (found?.seq !== index || (hash !== null && !equalBytes(leafHash(found.leaf), hash)))
      throw new VaultError('not_found', 'the log has no event of this index and hash');
    requireHash(found);
    const newest = await sealedLog(vault, rows, log);
    if (index >= newest.checkpoint.size) throw notSealed(vault, 'the event');
    return { event: found, sealed: newest, path: await inclusionPath(rows, log, index, newest.checkpoint.size) };
  }, request);
  requireProof(event, sealed, path);
  const leaf = isAuditor || readLeaf(event.leaf)?.actor.id === by.principal ? { extra: event.leaf } : {};
  return writeTlogProof({ index, path, note: sealed.note, ...leaf });
}

/** The hashes of the proof, from the leaf up; each tile is read once. */
async function inclusionPath(
  rows: Pick<Rows, 'log' | 'seals'>,
  log: string,
  index: number,
  size: number,
): Promise<Uint8Array[]> {
  const tiles = new Map<string, Uint8Array>();
  const hashes = new Map<string, Uint8Array>();
  const steps = inclusionSteps(index, size);
  for (const node of steps.flatMap(({ from, to }) => nodesOf(from, to))) {
    const { tile } = tileOf(node);
    const name = `${tile.level} ${tile.index}`;
    const bytes = tiles.get(name) ?? (await readTile(rows, log, tile, tileWidth(tile, size)));
    tiles.set(name, bytes);
    hashes.set(keyOf(node), hashInTile(node, bytes, sha256));
  }
  return steps.map((step) => stepHash(step, (node) => hashes.get(keyOf(node)) as Uint8Array, sha256));
}

function keyOf({ height, index }: Node): string {
  return `${height} ${index}`;
}

function requireProof({ seq, hash }: StoredEvent, { checkpoint }: SealedLog, path: readonly Uint8Array[]): void {
  if (isIncluded({ index: seq, hash }, checkpoint, path, sha256)) return;
  throw new VaultError('integrity', `the tree of this log does not prove event ${seq}: a row was changed`);
}
