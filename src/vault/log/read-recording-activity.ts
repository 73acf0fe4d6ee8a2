// What happened to one recording: the events that name it, newest first, with names and without anything of its content.
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import type { Caller } from '../../model/principal.ts';
import { isHidden } from '../../model/recording.ts';
import type { Rows } from '../../ports/database.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { readNames } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';

export type RecordingActivity = {
  readonly events: readonly { readonly seq: number; readonly leaf: Leaf }[];
  readonly names: ReadonlyMap<string, string>;
  /** Below which index the next page begins; null at the end. */
  readonly next: number | null;
};

/**
 * A page of it, also of a recording that was erased. Each look is counted. Throws `not_found`, the same for a foreign, a
 * hidden and a missing one.
 */
export async function readRecordingActivity(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  id: string,
  before: number | null,
  limit: number,
  request: RequestContext,
): Promise<RecordingActivity> {
  const { tenant } = by;
  const recording = await vault.db.read((rows) => rows.recordings.find(tenant, id), request);
  if (recording === null || isHidden(recording)) throw new VaultError('not_found', 'there is no such recording');
  const object = { id, why: 'activity' } as const;
  await countEvent(vault, { tenant, actor: actorOf(by), action: 'activity.read', object }, request);
  const metadataKey = await metadataKeyIfAvailable(vault, tenant, request);
  return vault.db.read(async (rows) => {
    const { events, next } = await pageFor(rows, by, id, before, limit);
    const ids = events.map(({ leaf }) => leaf.actor.id).filter((one) => isId(one, 'usr', 'svc'));
    const names = metadataKey === null ? new Map<string, string>() : await readNames(rows, metadataKey, tenant, ids);
    return { events, names, next };
  }, request);
}

/** Pages of the log that are read for one that is told: what is left out may be much, and does not show by a short page. */
const MOST_READ = 20;

async function pageFor(
  rows: Pick<Rows, 'log'>,
  by: Caller,
  id: string,
  before: number | null,
  limit: number,
): Promise<Pick<RecordingActivity, 'events' | 'next'>> {
  const told: RecordingActivity['events'][number][] = [];
  let below = before;
  for (let read = 0; read < MOST_READ; read++) {
    const found = await rows.log.eventsOf(by.tenant, id, below, limit + 1);
    for (const { seq, leaf: bytes } of found) {
      const leaf = readLeaf(bytes);
      if (leaf !== null && !isOthersSecret(leaf, by)) told.push({ seq, leaf });
    }
    if (told.length > limit) return { events: told.slice(0, limit), next: told[limit - 1]?.seq ?? null };
    if (found.length <= limit) return { events: told, next: null };
    below = found.at(-1)?.seq ?? null;
  }
  return { events: told, next: below };
}

/** What somebody notes for themselves, nobody else hears of here; auditors have the log. */
function isOthersSecret({ object, actor }: Leaf, by: Caller): boolean {
  return object['visibility'] === 'private' && actor.id !== by.principal && !by.roles.includes('auditor');
}
