// What the database has of a log, recomputed from the bytes of its events: neither its tiles nor its hashes are believed.
import { equalBytes } from '../../bytes/digest.ts';
import { leafHash, type StoredEvent } from '../../model/audit-event.ts';
import { createEdge, type Edge } from '../../model/log/tree/edge.ts';
import { noteCrypto } from '../core/proofs/note-crypto.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db'>;

const PAGE = 1_000;

/** The events of a log from this index on, also above a gap. */
export async function* storedFrom(
  { db }: Deps,
  log: string,
  from: number,
  request: RequestContext,
): AsyncGenerator<StoredEvent, void, undefined> {
  for (let next = from; ; ) {
    request.signal.throwIfAborted();
    const page = await db.read((rows) => rows.log.events(log, next, PAGE), request);
    yield* page;
    if (page.length < PAGE) return;
    next = (page.at(-1)?.seq ?? next) + 1;
  }
}

/** Whether a stored event has its own hash. */
export function hasItsHash({ leaf, hash }: StoredEvent): boolean {
  return equalBytes(leafHash(leaf), hash);
}

/** The roots of the stored log at these sizes, as far as its events have their indexes and hashes. */
export async function storedRoots(
  vault: Deps,
  log: string,
  sizes: ReadonlySet<number>,
  request: RequestContext,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const roots = new Map<number, Uint8Array>();
  await extend(vault, log, Number.MAX_SAFE_INTEGER, request, (edge) => {
    if (sizes.has(edge.size())) roots.set(edge.size(), edge.root());
  });
  return roots;
}

/** The edge of the stored log at this size, or smaller where an event before it does not have its index or hash. */
export function storedEdge(vault: Deps, log: string, size: number, request: RequestContext): Promise<Edge> {
  return extend(vault, log, size, request, () => undefined);
}

async function extend(
  vault: Deps,
  log: string,
  size: number,
  request: RequestContext,
  grown: (edge: Edge) => void,
): Promise<Edge> {
  const edge = createEdge(noteCrypto.sha256);
  if (size === 0) return edge;
  for await (const stored of storedFrom(vault, log, 0, request)) {
    if (stored.seq !== edge.size() || !hasItsHash(stored)) return edge;
    edge.add(stored.hash);
    grown(edge);
    if (edge.size() === size) return edge;
  }
  return edge;
}
