// The activity of one recording: events that name it, newest first, with names and without content.
import { isId } from '../../bytes/ids.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import type { Caller } from '../../model/principal.ts';
import { isHidden } from '../../model/recording.ts';
import { hasQueue } from '../../model/team/scope.ts';
import type { Rows } from '../../ports/database.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { readNames } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { isInScope, noRecording, readScopeIfAvailable } from '../core/scope/read-scope.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';

export type RecordingActivity = {
  readonly events: readonly { readonly seq: number; readonly leaf: Leaf }[];
  readonly names: ReadonlyMap<string, string>;
  /** The index below which the next page begins; null at the end. */
  readonly next: number | null;
};

/**
 * A page of a recording's activity, also after its erasure; who sees it only by a request of their own gets what they did
 * and what others did for them. Each look is counted. Throws `not_found`, the same for another tenant's, a hidden and a
 * missing recording.
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
  const metadataKey = await metadataKeyIfAvailable(vault, tenant, request);
  const showsOthers = await vault.db.read(async (rows) => {
    const recording = await rows.recordings.find(tenant, id);
    if (recording === null || isHidden(recording)) throw noRecording();
    const scope = await readScopeIfAvailable(rows, metadataKey, by);
    if (!(await isInScope(rows, scope, recording))) throw noRecording();
    return hasQueue(scope, recording);
  }, request);
  const object = { id, why: 'activity' } as const;
  await countEvent(vault, { tenant, actor: actorOf(by), action: 'activity.read', object }, request);
  return vault.db.read(async (rows) => {
    const { events, next } = await pageFor(rows, by, showsOthers, id, before, limit);
    const ids = events.map(({ leaf }) => leaf.actor.id).filter((one) => isId(one, 'usr', 'svc'));
    const names = metadataKey === null ? new Map<string, string>() : await readNames(rows, metadataKey, tenant, ids);
    return { events, names, next };
  }, request);
}

/**
 * The maximum number of log pages read for one page of the result: a short page would reveal that much was left out.
 */
const MOST_READ = 20;

async function pageFor(
  rows: Pick<Rows, 'log'>,
  by: Caller,
  showsOthers: boolean,
  id: string,
  before: number | null,
  limit: number,
): Promise<Pick<RecordingActivity, 'events' | 'next'>> {
  const events: RecordingActivity['events'][number][] = [];
  let below = before;
  for (let read = 0; read < MOST_READ; read++) {
    const found = await rows.log.eventsOf(by.tenant, id, below, limit + 1);
    for (const { seq, leaf: bytes } of found) {
      const leaf = readLeaf(bytes);
      if (leaf === null || isOthersSecret(leaf, by) || !(showsOthers || concerns(leaf, by))) continue;
      events.push({ seq, leaf });
    }
    if (events.length > limit) return { events: events.slice(0, limit), next: events[limit - 1]?.seq ?? null };
    if (found.length <= limit) return { events, next: null };
    below = found.at(-1)?.seq ?? null;
  }
  return { events, next: below };
}

/** Whether the event is about another person's private comment: only auditors see those, in the log. */
function isOthersSecret({ object, actor }: Leaf, by: Caller): boolean {
  return object['visibility'] === 'private' && actor.id !== by.principal && !by.roles.includes('auditor');
}

/** Whether the caller did it, or it was done for them, as an approval of their request. */
function concerns({ object, actor }: Leaf, by: Caller): boolean {
  return actor.id === by.principal || object['person'] === by.principal;
}
