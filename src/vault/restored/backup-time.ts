// How old a restored database is, and up to when its logs go now: by their events, not by the clock.
import { readLeaf } from '../../model/log/leaf.ts';
import type { Rows } from '../../ports/database.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/**
 * `backup`: when the newest event was written that the database had when it was put back. `lastEvent`: the same of what its
 * logs have now, without the events of this restore. `unfinished`: an earlier run noted `backup`, and has not done all
 * tenants; `done`: those that it has.
 */
export type BackupTime = {
  readonly backup: string;
  readonly lastEvent: string;
  readonly unfinished: boolean;
  readonly done: ReadonlySet<string>;
};

/** A run continues one that began so long ago at most: an approval lasts no longer. */
const SAME_RESTORE_MS = 24 * 3_600_000;
const PAGE = 500;

/** A log's events that came back: the first and the last index; `seq` is that of the event that says so. */
type Back = { readonly log: string; readonly from: number; readonly to: number; readonly seq: number };

/** What the deployment's log says of restores. `backup`: what the last run noted, null without one. */
type Noted = {
  readonly backup: string | null;
  readonly done: ReadonlySet<string>;
  readonly back: readonly Back[];
  readonly ended: number;
};

const NOTHING: Noted = { backup: null, done: new Set(), back: [], ended: -1 };

/**
 * The times of this database; null for one without events. `isCopy`: of a copy that nothing has brought up yet. Throws the
 * database's errors.
 */
export async function backupTime(
  vault: Pick<Vault, 'db'>,
  isCopy: boolean,
  request: RequestContext,
): Promise<BackupTime | null> {
  return vault.db.read(async (rows) => {
    const noted = isCopy ? NOTHING : await notedIn(rows);
    const tenants = (await rows.tenants.all()).filter(({ state }) => state !== 'CREATING');
    const unfinished = noted.backup !== null && tenants.some(({ tenant }) => !noted.done.has(tenant));
    // What came back before the last restore that was finished belongs to that one.
    const back = unfinished ? noted.back : noted.back.filter(({ seq }) => seq > noted.ended);
    const [before, last]: [string[], string[]] = [[], []];
    for (const { log } of await rows.seals.heads()) {
      const state = await rows.log.state(log);
      const [size, restoring] = [state?.size ?? 0, state?.restoring ?? null];
      const own = back.filter((one) => one.log === log && one.to >= one.from);
      const from = Math.min(size, restoring ?? size, ...own.map((one) => one.from));
      before.push(...(await timeBelow(rows, log, from)));
      const to = restoring === null ? Math.max(-1, ...own.map((one) => one.to)) : size - 1;
      if (to >= from) last.push(...(await timeBelow(rows, log, to + 1)));
    }
    // What an unfinished run wrote itself is newer than the backup.
    const backup = unfinished ? noted.backup : latest(before);
    if (backup === null) return null;
    return { backup, lastEvent: latest([backup, ...last]) ?? backup, unfinished, done: noted.done };
  }, request);
}

async function notedIn(rows: Pick<Rows, 'log' | 'now'>): Promise<Noted> {
  const since = new Date(Date.parse(await rows.now()) - SAME_RESTORE_MS).toISOString();
  const done = new Set<string>();
  const back: Back[] = [];
  let [backup, ended]: [string | null, number] = [null, -1];
  for (let below: number | null = null; ; ) {
    const page = await rows.log.eventsBelow(DEPLOYMENT, below, PAGE);
    for (const { leaf: bytes, seq } of page) {
      below = seq;
      const leaf = readLeaf(bytes);
      if (leaf === null || leaf.ts < since) return { backup, done, back, ended };
      const { action, object } = leaf;
      if (action === 'vault.restored') {
        // Of the restore before the last one.
        if (backup !== null) return { backup, done, back, ended };
        done.add(object.id);
        ended = Math.max(ended, seq);
      }
      if (action === 'vault.restoring') backup ??= String(object['backup']);
      if (action === 'log.restored')
        back.push({ log: object.id, from: Number(object['from']), to: Number(object['to']), seq });
    }
    if (page.length < PAGE) return { backup, done, back, ended };
  }
}

/** The time of the last event below this index, if there is one. */
async function timeBelow(rows: Pick<Rows, 'log'>, log: string, index: number): Promise<readonly string[]> {
  const [event] = await rows.log.eventsBelow(log, index, 1);
  const leaf = event === undefined ? null : readLeaf(event.leaf);
  return leaf === null ? [] : [leaf.ts];
}

/** The latest of these times; null where there is none. */
export function latest(times: readonly (string | null)[]): string | null {
  return times.reduce((one, other) => (one === null || (other !== null && other > one) ? other : one), null);
}
