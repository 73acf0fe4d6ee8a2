// What the vault's log and rows say of a drill of expiry, beside the naive archive.
import { leafHash, logName, type StoredEvent } from '../../../src/model/audit-event.ts';
import { checkLog } from '../../../src/model/log/check.ts';
import { FOR_EVER } from '../../../src/model/retention/period.ts';
import { FOR_EVER as TWIN_FOR_EVER } from '../../support/retention-twin.ts';
import type { Played } from './day-acts.ts';

const PAGE = 10_000;
const ROWS = 1_000;

async function eventsFrom({ world, tenant, acts }: Played, from: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await world.vault.db.read(({ log }) => log.events(tenant, from + events.length, PAGE), acts.request());
    for (const one of page) events.push(one);
    if (page.length < PAGE) return events;
  }
}

/** How many events the log has. */
export async function sizeOfLog(of: Played): Promise<number> {
  return (await eventsFrom(of, 0)).length;
}

/** What the events from an index on say is erased, and the index after them. */
export async function erasedSince(
  of: Played,
  from: number,
): Promise<{ readonly ids: string[]; readonly next: number }> {
  const events = await eventsFrom(of, from);
  const ids: string[] = [];
  for (const { leaf } of events) {
    const { action, object } = JSON.parse(Buffer.from(leaf).toString()) as {
      readonly action: string;
      readonly object: { readonly recordings?: string };
    };
    if (action === 'recording.erasing') for (const id of object.recordings?.split(',') ?? ['unnamed']) ids.push(id);
  }
  return { ids, next: from + events.length };
}

/** The size of the whole log, and what its check found. */
export async function checkedLog(of: Played) {
  const events = await eventsFrom(of, 0);
  const findings = checkLog(logName(of.world.vault.settings.origin, of.tenant), events, leafHash);
  return { events: events.length, findings: findings.map(({ seq, code }) => `${seq} ${code}`) };
}

/** Differences of all rows from the archive: which are erased, and the lifetimes of the others. */
export async function compareRows({ world, tenant, archive, acts }: Played): Promise<string[]> {
  const differences: string[] = [];
  for (let after = ''; ; ) {
    const from = after;
    const page = await world.vault.db.read(({ retention }) => retention.page(tenant, from, ROWS), acts.request());
    for (const { id, state, keepUntil, eraseAfter } of page) {
      const row = state === 'AVAILABLE' ? `${keepUntil} ${eraseAfter ?? FOR_EVER}` : 'erased';
      const one = archive.living.get(id);
      const said = one === undefined ? 'erased' : `${endOf(one.keepUntil)} ${endOf(one.eraseAfter)}`;
      if (row !== said || archive.erased.has(id) === archive.living.has(id))
        differences.push(`${id}: ${said}, but ${row}`);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < ROWS) return differences;
    after = last.id;
  }
}

function endOf(time: string | null): string | null {
  return time === TWIN_FOR_EVER ? FOR_EVER : time;
}
