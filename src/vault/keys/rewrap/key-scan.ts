// The scan for keys to re-wrap: once around all rows, from a random start. The rows alone hold a re-wrap's progress.
import { idBetween } from '../../../bytes/ids.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Rows } from '../../../ports/database.ts';
import type { DepositKey } from '../../../ports/rows/wrapped-key-rows.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';

/** One round over all keys that need work. */
export type KeyScan = {
  /** The next batch of keys; empty at the end of the round. */
  readonly next: () => Promise<readonly DepositKey[]>;
  /** Continues from another random place, where other runners work already. */
  readonly jump: () => void;
};

/** A page is read at once and returned in this many batches. */
const PAGE_OF_BATCHES = 5;

/** Reads at most `limit` keys after the deposit `after`. */
type Page = (rows: Rows, after: string, limit: number) => Promise<DepositKey[]>;

/** Begins a round. Runners that begin at random places meet late, and then one of them jumps. */
export async function beginKeyScan(
  vault: Pick<Vault, 'db'>,
  tenant: Tenant,
  batch: number,
  pageOf: Page,
  request: RequestContext,
): Promise<KeyScan> {
  const bounds = await vault.db.read((rows) => rows.wrappedKeys.bounds(tenant.tenant), request);
  let start = '';
  let after = '';
  let around = false;
  let page: readonly DepositKey[] = [];
  let jumps = 0;
  const jump = (): void => {
    start = bounds === null ? '' : idBetween(bounds.first, bounds.last);
    [after, around, page] = [start, false, []];
    jumps++;
  };
  jump();

  const read = async (): Promise<void> => {
    const [from, before] = [after, jumps];
    const rows = await vault.db.read((read) => pageOf(read, from, batch * PAGE_OF_BATCHES), request);
    // A concurrent jump began a new round elsewhere: this page belongs to the old place.
    if (jumps !== before) return read();
    page = around ? rows.filter(({ deposit }) => deposit <= start) : rows;
    after = page.at(-1)?.deposit ?? after;
  };
  const next = async (): Promise<readonly DepositKey[]> => {
    if (page.length === 0) await read();
    if (page.length === 0 && !around && start !== '') {
      [after, around] = ['', true];
      await read();
    }
    const taken = page.slice(0, batch);
    page = page.slice(batch);
    return taken;
  };
  // Concurrent batches call this one after another.
  let last: Promise<unknown> = Promise.resolve();
  return {
    next: () => {
      const batchRead = last.then(next);
      last = batchRead.catch(() => undefined);
      return batchRead;
    },
    jump,
  };
}
