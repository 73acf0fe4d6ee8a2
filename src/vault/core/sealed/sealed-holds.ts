// Which recordings legal holds hold, by the streams of the holds alone.

import type { Tail } from '../../../envelope/amendments/entry.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { readEntriesAfter } from '../amendments/read-entries.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import type { LogEvidence } from './log-evidence.ts';

/** A hold as far as its stream was read: its last entry, and the recordings that it holds; null once it ended. */
type KnownHold = { tail: Tail | null; held: Set<number> | null };

/** Streams that this process has read, by tenant's key: they only grow, and go when the key does. */
const read = new WeakMap<SecretKey, Map<string, KnownHold>>();

/** Streams of one listing. */
const PAGE = 200;
const PREFIX = 'hld_';

/**
 * Those of these recordings that a hold of the tenant holds by its stream: an entry covers it, and no entry that the log has
 * as decided by two people lifts it. Rows of holds, and counts, decide nothing here. Throws `integrity` for a damaged
 * stream.
 */
export async function heldByStreams(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  metadataKey: SecretKey,
  evidence: Pick<LogEvidence, 'ofLift'>,
  recordings: readonly string[],
  request: RequestContext,
): Promise<ReadonlySet<string>> {
  const known = read.get(metadataKey) ?? new Map<string, KnownHold>();
  read.set(metadataKey, known);
  const held = new Set<string>();
  for await (const id of holdsOf(vault, tenant, request)) {
    const hold = known.get(id) ?? { tail: null, held: new Set<number>() };
    known.set(id, hold);
    await readOn(vault, tenant, metadataKey, evidence, id, hold, request);
    for (const recording of recordings) if (hold.held?.has(markOf(recording)) === true) held.add(recording);
  }
  return held;
}

async function* holdsOf(vault: Pick<Vault, 'db'>, tenant: string, request: RequestContext) {
  for (let after = PREFIX; ; ) {
    const from = after;
    const page = await vault.db.read(({ amendments }) => amendments.subjects(tenant, from, PAGE), request);
    const holds = page.filter((subject) => subject.startsWith(PREFIX));
    yield* holds;
    const last = page.at(-1);
    if (last === undefined || holds.length < PAGE) return;
    after = last;
  }
}

async function readOn(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  metadataKey: SecretKey,
  evidence: Pick<LogEvidence, 'ofLift'>,
  subject: string,
  hold: KnownHold,
  request: RequestContext,
): Promise<void> {
  const entries = await vault.db.read(
    (rows) => readEntriesAfter(rows, metadataKey, { tenant, subject }, hold.tail),
    request,
  );
  for (const entry of entries) {
    const { body } = entry;
    if (body.op === 'cover') for (const id of body.recordings) hold.held?.add(markOf(id));
    if (body.op === 'lift' && (await evidence.ofLift(subject, entry))) {
      if (body.recordings === undefined) hold.held = null;
      else for (const id of body.recordings) hold.held?.delete(markOf(id));
    }
    hold.tail = entry;
  }
}

/**
 * A number for an id, of its last nine characters, 45 of its random bits: a hold may have a million recordings. Where two
 * have the same number, one is held too long.
 */
function markOf(recording: string): number {
  return Number.parseInt(recording.slice(-9).replace(/[jkmnpqrstvwxyz]/g, digitOf), 32);
}

/** Crockford's digits as those of JavaScript. */
function digitOf(character: string): string {
  return '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(character).toString(32);
}
