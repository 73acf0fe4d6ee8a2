// Reads a stored log again from its first event: every leaf and hash, what it means, and each checkpoint and tile that was made of it.
import { equalBytes } from '../../bytes/digest.ts';
import { leafHash, logName, type StoredEvent } from '../../model/audit-event.ts';
import { createLogCheck } from '../../model/log/check.ts';
import { readCheckpoint } from '../../model/log/checkpoint.ts';
import type { FindingCode } from '../../model/log/finding.ts';
import { readNote } from '../../model/log/note.ts';
import { createEdge, type Edge } from '../../model/log/tree/edge.ts';
import { type TileRow, tileRows } from '../../model/log/tree/tile-rows.ts';
import { HASH_BYTES, TILE_WIDTH, tileWidth } from '../../model/log/tree/tiles.ts';
import type { Seal } from '../../ports/rows/seal-rows.ts';
import { noteCrypto } from '../core/proofs/note-crypto.ts';
import { proofCrypto } from '../core/proofs/proof-crypto.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'settings'>;

/** What is wrong with a log, and at which event, or size of a checkpoint. */
export type RereadFinding = {
  readonly code: FindingCode | 'fork' | 'behind' | 'tile_differs';
  readonly index: number;
};

/** Takes each page of the events once it is read. `size`, with the last one, is how many the log has. */
export type PageListener = (events: readonly StoredEvent[], size: number | null) => Promise<void>;

/** What a reading found. `events`: how many were read. */
export type Reread = { readonly events: number; readonly findings: readonly RereadFinding[] };

const PAGE = 500;

/** Reads a log up to the size that it has when this begins. Throws the database's errors. */
export async function rereadLog(
  vault: Deps,
  log: string,
  request: RequestContext,
  listen: PageListener = async () => undefined,
): Promise<Reread> {
  const { db, settings } = vault;
  const name = logName(settings.origin, log);
  const proofs = settings.url === null ? undefined : { ...proofCrypto, url: settings.url };
  const check = createLogCheck(name, 'whole', proofs);
  const findings: RereadFinding[] = [];
  const tiles = tileComparison(vault, log, findings);
  const edge = createEdge(noteCrypto.sha256, undefined, tiles.complete);
  // The seal before the size: whatever is sealed later has its events by then.
  const sealed = (await db.read((rows) => rows.seals.newest(log), request))?.size ?? 0;
  const size = await db.read((rows) => rows.log.size(log), request);
  while (edge.size() < size) {
    request.signal.throwIfAborted();
    const [from, most] = [edge.size(), Math.min(PAGE, size - edge.size())];
    const { events, seals } = await db.read(async (rows) => {
      const page = await rows.log.events(log, from, most);
      return { events: page, seals: await rows.seals.seals(log, from + 1, PAGE) };
    }, request);
    const due = seals.filter((seal) => seal.size <= from + events.length);
    for (const event of events) {
      const computed = leafHash(event.leaf);
      check.add(event, computed);
      edge.add(computed);
      while (due[0]?.size === edge.size())
        findings.push(...due.splice(0, 1).flatMap((seal) => forkAt(seal, name, edge)));
    }
    await tiles.compare(sealed, request);
    const isLast = events.length < most || edge.size() >= size;
    await listen(events, isLast ? size : null);
    // The check has said that the rest is missing.
    if (events.length < most) break;
  }
  await tiles.compareLast(sealed, request);
  const said: RereadFinding[] = check.checked().findings.map(({ code, seq }) => ({ code, index: seq }));
  if (edge.size() < size && !said.some(({ code }) => code === 'gap')) said.push({ code: 'gap', index: edge.size() });
  if (size < sealed) said.push({ code: 'behind', index: size });
  return { events: edge.size(), findings: [...said, ...findings].sort((one, other) => one.index - other.index) };
}

/**
 * A checkpoint whose root is not that of the events below it. Signatures are no matter here: the key of an older one may
 * have been replaced, and the newest is compared when the log is sealed.
 */
function forkAt({ size, note }: Seal, log: string, edge: Edge): RereadFinding[] {
  const checkpoint = readCheckpoint(readNote(note)?.text ?? '');
  const isSame = checkpoint?.log === log && checkpoint.size === size && equalBytes(checkpoint.root, edge.root());
  return isSame ? [] : [{ code: 'fork', index: size }];
}

/** Compares the stored tiles with those of a tree as it grows. */
function tileComparison({ db }: Pick<Vault, 'db'>, log: string, findings: RereadFinding[]) {
  const grown = tileRows();
  /** A tile has at least what was sealed of it, and nothing else than the tree. */
  const compareOne = async (
    { level, index: tile, hashes }: TileRow,
    sealed: number,
    request: RequestContext,
  ): Promise<void> => {
    const stored = (await db.read((rows) => rows.seals.tile(log, level, tile), request)) ?? new Uint8Array(0);
    const width = tileWidth({ level, index: tile }, sealed) * HASH_BYTES;
    // It may have been sealed further since.
    const most = Math.min(stored.length, hashes.length);
    const same = stored.length >= width && equalBytes(stored.subarray(0, most), hashes.subarray(0, most));
    if (!same) findings.push({ code: 'tile_differs', index: tile * TILE_WIDTH ** (level + 1) });
  };
  return {
    complete: grown.complete,
    compare: async (sealed: number, request: RequestContext): Promise<void> => {
      for (const row of grown.takeWhole()) await compareOne(row, sealed, request);
    },
    compareLast: async (sealed: number, request: RequestContext): Promise<void> => {
      for (const row of grown.rest()) await compareOne(row, sealed, request);
    },
  };
}
