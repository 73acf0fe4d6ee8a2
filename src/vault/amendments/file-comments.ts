// Background work: comments of earlier versions of callvault get the entries that newer ones are written with.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { EventOf } from '../../model/audit-event.ts';
import type { Comment } from '../../model/comment.ts';
import { isErased } from '../../model/recording.ts';
import type { Transaction } from '../../ports/database.ts';
import { commentEntry } from '../comments/entry.ts';
import { openCommentText } from '../comments/view.ts';
import { writeEntry } from '../core/amendments/write-entry.ts';
import { type Backoff, backoff } from '../core/backoff.ts';
import { event, systemActor } from '../core/events/events.ts';
import { groupBy } from '../core/group-by.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { isKeyUnavailable } from '../core/wrapped-keys/key-unavailable.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'replayGate'>;

/** Comments of a round, and of one transaction. */
const ROUND = 200;
const CHANGE = 20;
/** Entries without a blob beyond which a round does nothing: changes of people must not wait behind these. */
const MOST_WAITING = 1_000;
/** The remaining comments are counted up to this number. */
const MOST_COUNTED = 100_000;
/** Waits of a tenant whose key is unavailable, and of a recording that cannot be changed. */
const WAITS = [60_000, 3_600_000] as const;

/** Sorts after every id. */
const AFTER_IDS = '~';

/**
 * Rounds of one process; each returns how many comments got an entry, and `remaining` gets how many have none yet (at
 * most 100,000): once that is 0, no earlier comment is without an entry. A comment that is edited, deleted or erased
 * meanwhile, and one that another process files, is passed over. What cannot be filed does not stop the others, and is
 * tried again later; the first error is thrown at the end. A tenant that is suspended or not replayed yet, or whose key is
 * unavailable, waits.
 */
export function commentFiler(
  vault: Deps,
  remaining: (comments: number) => void,
): (request: RequestContext) => Promise<number> {
  const waits = backoff(vault.clock, ...WAITS);
  return async (request) => {
    const failures: unknown[] = [];
    const filed = await fileSome(vault, waits, failures, request);
    remaining(filed === null ? 0 : await vault.db.read((rows) => rows.comments.countUnfiled(MOST_COUNTED), request));
    if (failures.length > 0) throw failures[0];
    return filed ?? 0;
  };
}

/** Files the comments of a round, and returns how many; null where all have entries. */
async function fileSome(
  vault: Deps,
  waits: Backoff,
  failures: unknown[],
  request: RequestContext,
): Promise<number | null> {
  let filed = 0;
  let after: Pick<Comment, 'tenant' | 'id'> | null = null;
  while (filed < ROUND) {
    const from: typeof after = after;
    const page: readonly Comment[] = await vault.db.read((rows) => rows.comments.unfiled(from, ROUND), request);
    const [first, last] = [page[0], page.at(-1)];
    if (first === undefined || last === undefined) return from === null ? null : filed;
    if (from === null && (await isStoreBehind(vault, request))) return 0;
    const { tenant } = first;
    const key = await keyOf(vault, waits, tenant, request);
    const own = page.filter((comment) => comment.tenant === tenant);
    if (key !== null) filed += await fileOf(vault, waits, failures, key, own, forTenant(request, tenant));
    // Without its key a tenant is passed over whole.
    const ends = key === null || own.length < page.length;
    after = { tenant, id: ends ? AFTER_IDS : last.id };
  }
  return filed;
}

async function isStoreBehind(vault: Deps, request: RequestContext): Promise<boolean> {
  const { entries } = await vault.db.read((rows) => rows.amendments.backlog(), request);
  return entries >= MOST_WAITING;
}

/** The tenant's metadata key; null while it cannot be used. */
async function keyOf(vault: Deps, waits: Backoff, tenant: string, request: RequestContext): Promise<SecretKey | null> {
  if (waits.waits(tenant)) return null;
  try {
    return (await activeTenantAndKey(vault, tenant, request)).metadataKey;
  } catch (error) {
    if (!isKeyUnavailable(error)) throw error;
    waits.failed(tenant);
    return null;
  }
}

/** Files comments of one tenant, each recording's together. */
async function fileOf(
  vault: Deps,
  waits: Backoff,
  failures: unknown[],
  metadataKey: SecretKey,
  comments: readonly Comment[],
  request: RequestContext,
): Promise<number> {
  let filed = 0;
  for (const [recording, all] of groupBy(comments, (comment) => comment.recording)) {
    for (let at = 0; at < all.length && !waits.waits(recording); at += CHANGE) {
      request.signal.throwIfAborted();
      try {
        filed += await fileTogether(vault, metadataKey, all.slice(at, at + CHANGE), request);
        waits.succeeded(recording);
      } catch (error) {
        if (isKeyUnavailable(error)) {
          waits.failed(all[0]?.tenant ?? '');
          return filed;
        }
        request.signal.throwIfAborted();
        waits.failed(recording);
        failures.push(error);
      }
    }
  }
  return filed;
}

/** One transaction for some comments on one recording. */
async function fileTogether(
  vault: Deps,
  metadataKey: SecretKey,
  comments: readonly Comment[],
  request: RequestContext,
): Promise<number> {
  const change = vault.db.change(async (tx) => {
    const [{ tenant, recording } = { tenant: '', recording: '' }] = comments;
    await lockActiveTenant(tx, tenant);
    const row = await tx.recordings.lock(tenant, recording);
    const events: EventOf<'comment.filed'>[] = [];
    if (row !== null && !isErased(row)) {
      for (const { id } of comments) {
        const made = await fileOne(tx, vault, metadataKey, tenant, id, request);
        if (made !== null) events.push(made);
      }
    }
    return events.length === 0 ? { result: 0, unchanged: true } : { result: events.length, events };
  }, request);
  return change.then(
    ({ result }) => result,
    (error: unknown) => {
      if (hasCode(error, 'conflict')) return 0;
      throw error;
    },
  );
}

/** Writes the entry of a comment as it is now; null where it was removed, or has one. */
async function fileOne(
  tx: Transaction,
  vault: Pick<Deps, 'settings' | 'replayGate'>,
  metadataKey: SecretKey,
  tenant: string,
  id: string,
  request: RequestContext,
): Promise<EventOf<'comment.filed'> | null> {
  const comment = await tx.comments.lock(tenant, id);
  if (comment === null || !(await tx.comments.markFiled(comment))) return null;
  const { recording, visibility } = comment;
  const made = event(tenant, systemActor(vault.settings), 'comment.filed', { id, recording, visibility }, request);
  const text = openCommentText(metadataKey, comment);
  return writeEntry(vault, tx, metadataKey, { tenant, subject: recording }, made, commentEntry(comment, text));
}
