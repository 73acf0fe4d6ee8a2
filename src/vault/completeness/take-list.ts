// A call list from a platform, of any length: taken line by line as it arrives, some lines a transaction.
import { hasCode, VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { type BadLine, type ListedCall, readCallList } from '../../model/call-list.ts';
import { localDate } from '../../model/local-time.ts';
import type { Caller } from '../../model/principal.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type BatchLine, batchLine, type ListSender, type TakenLine, takeBatch } from './take-batch.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'phones' | 'replayGate'>;

/** Lines that are locked together, in one transaction where its time allows. */
const BATCH = 1_000;
/** How often a batch is taken again whose calls come into being meanwhile. */
const MOST_TRIES = 5;
/** Rejected lines of an answer; all are counted. */
const MOST_ERRORS = 100;

/** A rejected line: what is wrong with its columns, or that its call cannot be listed. */
export type RejectedLine = Omit<BadLine, 'code'> & { readonly code: BadLine['code'] | 'call_key_taken' | 'erased' };

/**
 * What a list led to. Each line is created, updated (expected or compared by new values; `amended` of them or of others
 * got facts), unchanged, or rejected. `differing`: known calls whose facts say something else. `from` and `to`: the
 * tenant's days of its calls, null for none.
 */
export type TakenList = {
  readonly lines: number;
  readonly created: number;
  readonly updated: number;
  readonly amended: number;
  readonly unchanged: number;
  readonly differing: number;
  readonly rejected: number;
  readonly errors: readonly RejectedLine[];
  readonly from: string | null;
  readonly to: string | null;
  readonly receipt: Receipt | undefined;
};

type Counts = { -readonly [name in keyof Omit<TakenList, 'errors' | 'from' | 'to' | 'receipt'>]: number };

/**
 * Takes a list of the calls of a source. Sent again it changes nothing. What is wrong with a line rejects that line alone.
 * A list that cannot be read further throws `malformed`, after the lines before; so does a failing database. `source` is
 * valid.
 */
export async function takeCallList(
  vault: Deps,
  by: Caller,
  { source, bytes }: { readonly source: string; readonly bytes: AsyncIterable<Uint8Array> },
  request: RequestContext,
): Promise<TakenList> {
  const { tenant } = await activeTenantAndKey(vault, by.tenant, request);
  const counts: Counts = { lines: 0, created: 0, updated: 0, amended: 0, unchanged: 0, differing: 0, rejected: 0 };
  const errors: RejectedLine[] = [];
  let [first, last]: [string | null, string | null] = [null, null];
  let receipt: Receipt | undefined;
  let batch = new Map<string, ListedCall>();

  const reject = (one: RejectedLine): void => {
    counts.rejected++;
    if (errors.length < MOST_ERRORS) errors.push(one);
  };
  const count = (one: TakenLine): void => {
    if ('error' in one) {
      reject({ line: one.line, code: one.error, columns: [] });
      return;
    }
    if (one.created === true) counts.created++;
    else if (one.updated === true || one.amended === true) counts.updated++;
    else counts.unchanged++;
    if (one.amended === true) counts.amended++;
    if (one.differs === true) counts.differing++;
    if (one.startedAt === null) return;
    first = first === null || one.startedAt < first ? one.startedAt : first;
    last = last === null || one.startedAt > last ? one.startedAt : last;
  };
  const take = async (): Promise<void> => {
    const calls = [...batch.values()];
    batch = new Map();
    let lines: readonly BatchLine[] | undefined;
    for (let at = 0; at < calls.length; ) {
      request.signal.throwIfAborted();
      // From memory, except after its time there.
      const metadataKey = await vault.metadataKeys.get(tenant, request);
      lines ??= calls.map((listed) => batchLine(metadataKey, listed));
      const done = await takeAgain(vault, { by, metadataKey }, lines.slice(at), request);
      for (const one of done.taken) count(one);
      at += done.taken.length;
      receipt = done.receipt ?? receipt;
      await vault.clock.pause();
    }
  };

  for await (const lines of readCallList(bytes, source, () => vault.clock.now())) {
    for (const one of lines) {
      counts.lines++;
      if ('code' in one) {
        reject(one);
        continue;
      }
      const name = `${one.call.callId} ${one.call.leg}`;
      // The same call once more: it finds what the line before did.
      if (batch.has(name) || batch.size >= BATCH) await take();
      batch.set(name, one);
    }
  }
  await take();
  const dayOf = (time: string | null) => (time === null ? null : localDate(timeZoneOf(tenant), Date.parse(time)));
  errors.sort((one, other) => one.line - other.line);
  return { ...counts, errors, from: dayOf(first), to: dayOf(last), receipt };
}

/** Uploads create recordings meanwhile. */
async function takeAgain(vault: Deps, sender: ListSender, lines: readonly BatchLine[], request: RequestContext) {
  for (let tries = 1; ; tries++) {
    try {
      return await takeBatch(vault, sender, lines, request);
    } catch (error) {
      if (!hasCode(error, 'conflict')) throw error;
      if (tries >= MOST_TRIES)
        throw new VaultError('upload_in_progress', 'concurrent requests change these calls', {
          cause: error,
          retryAfter: 1,
        });
    }
  }
}
