// A call list from a platform, of any length: taken line by line as it arrives, some lines a transaction.
import { hasCode, VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { type ListedCall, readCallList } from '../../model/call-list.ts';
import type { Caller } from '../../model/principal.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import { paceOf } from '../core/pace.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type ListTotals, listTally } from './list-tally.ts';
import { BATCH, type BatchLine, batchLine, type ListSender, takeBatch } from './take-batch.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'phones' | 'replayGate'>;

/** Lines of a list that cannot be read: more are no slip, and each costs time that no person gets anything for. */
const MOST_BAD = 1_000;
/** Lines that are taken together once uploads have created calls of a batch. */
const FEW = 50;
/** How often a batch is taken again whose calls come into being meanwhile. */
const MOST_TRIES = 5;

/** What a list led to. `receipt`: of its last event, undefined where it changed nothing. */
export type TakenList = ListTotals & { readonly receipt: Receipt | undefined };

/**
 * Takes a list of the calls of a source. Sent again it changes nothing. What is wrong with a line rejects that line alone,
 * and a list ends where that is so of 1,000. A list that cannot be read further throws `malformed`, after the lines before;
 * so does a failing database. `source` is valid.
 */
export async function takeCallList(
  vault: Deps,
  by: Caller,
  { source, bytes }: { readonly source: string; readonly bytes: AsyncIterable<Uint8Array> },
  request: RequestContext,
): Promise<TakenList> {
  const { tenant } = await activeTenantAndKey(vault, by.tenant, request);
  const tally = listTally(timeZoneOf(tenant));
  let receipt: Receipt | undefined;
  let batch = new Map<string, ListedCall>();
  const pace = paceOf(vault.clock);
  let bad = 0;

  const take = async (): Promise<void> => {
    const calls = [...batch.values()];
    batch = new Map();
    let lines: readonly BatchLine[] | undefined;
    for (let at = 0; at < calls.length; ) {
      request.signal.throwIfAborted();
      // From memory, except after its time there.
      const metadataKey = await vault.metadataKeys.get(tenant, request);
      lines ??= calls.map((listed) => batchLine(metadataKey, listed));
      if (at === 0) for (const { listed, natural } of lines) tally.see(natural, listed.line);
      const done = await takeWithRetry(vault, { by, metadataKey }, lines.slice(at), request);
      for (const one of done.taken) tally.count(one);
      at += done.taken.length;
      receipt = done.receipt ?? receipt;
      await pace.rest();
    }
  };

  const reading = {
    now: () => vault.clock.now(),
    pace: () => {
      request.signal.throwIfAborted();
      return pace.step();
    },
  };
  for await (const one of linesOf(readCallList(bytes, source, reading))) {
    if (!('code' in one)) {
      const name = `${one.call.callId} ${one.call.leg}`;
      // The same call once more: it finds what the line before did.
      if (batch.has(name) || batch.size >= BATCH) await take();
      batch.set(name, one);
      continue;
    }
    tally.reject(one);
    if (++bad < MOST_BAD) continue;
    tally.end(one.line);
    break;
  }
  await take();
  return { ...tally.totals(), receipt };
}

async function* linesOf<T>(pieces: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const piece of pieces) yield* piece;
}

/** Uploads create recordings meanwhile. */
async function takeWithRetry(vault: Deps, sender: ListSender, lines: readonly BatchLine[], request: RequestContext) {
  for (let tries = 1; ; tries++) {
    try {
      // The fewer lines, the fewer of their calls are uploaded meanwhile.
      return await takeBatch(vault, sender, tries === 1 ? lines : lines.slice(0, FEW), request);
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
