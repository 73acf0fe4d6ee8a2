// What a re-wrap has to do, found by what the rows say and never by a file of its own: from a random place, once around.
import { idBetween } from '../../../bytes/ids.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Rows } from '../../../ports/database.ts';
import type { DepositKey } from '../../../ports/rows/wrapped-key-rows.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';

/** One way around all keys that something is to be done for. */
export type KeyScan = {
  /** The next keys, at most so many; none when the round is over. */
  readonly next: () => Promise<readonly DepositKey[]>;
  /** Goes on from another place: where others are at work already. */
  readonly jump: () => void;
};

/** A page of rows is read at once and handed out in batches of this size. */
const PAGE_OF_BATCHES = 5;

/** Reads a page: after this deposit, at most so many. */
type Page = (rows: Rows, after: string, limit: number) => Promise<DepositKey[]>;

/** Begins a round. Several runners that begin at random places meet late, and then one of them jumps. */
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
    // Somebody jumped meanwhile: this page is of the place that was left, and the round begins at the other one.
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
  // Several batches are under way at once, and they ask one after the other.
  let last: Promise<unknown> = Promise.resolve();
  return {
    next: () => {
      const asked = last.then(next);
      last = asked.catch(() => undefined);
      return asked;
    },
    jump,
  };
}
