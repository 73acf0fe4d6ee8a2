// The log for auditors: newest first, decoded, with names and opened details.
import { isId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { ActivityFilter } from '../../model/activity-filter.ts';
import type { Caller } from '../../model/principal.ts';
import type { StoredDetail } from '../../ports/rows/log-rows.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import { countLogRead } from '../core/log-reading/count-log-read.ts';
import { type OpenedDetail, openDetail } from '../core/log-reading/open-detail.ts';
import { type DecodedEvent, readBackwards, type ScannedRange } from '../core/log-reading/read-backwards.ts';
import { readNames, readStaffCodes } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';
import { type RecordingInLog, readRecordingsInLog, recordingIdsIn } from './recordings-in.ts';

/** An event with its sealed detail. */
export type ActivityEvent = DecodedEvent & OpenedDetail;

/**
 * A page of events. `names` and `recordings` hold the people, services and recordings that its events name; both are
 * empty while the tenant is suspended, its key is unavailable or its log is held.
 */
export type ActivityPage = {
  readonly events: readonly ActivityEvent[];
  readonly names: ReadonlyMap<string, string>;
  readonly recordings: ReadonlyMap<string, RecordingInLog>;
  readonly next: number | null;
  readonly scanned: ScannedRange | null;
};

/**
 * Events of the caller's own log below index `before`, newest first. Also readable while the tenant is suspended, its key
 * is unavailable or its log is held, when the log is needed most; names and details stay sealed then. The deployment's log has no details,
 * and its people have staff codes instead of names.
 */
export async function readActivity(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  filter: ActivityFilter,
  before: number | null,
  limit: number,
  request: RequestContext,
): Promise<ActivityPage> {
  await countLogRead(vault, by, request);
  const { found, next, scanned: looked } = await readBackwards(vault, by.tenant, filter, before, limit, request);
  if (by.tenant === DEPLOYMENT) {
    const names = await vault.db.read((rows) => readStaffCodes(rows, found.flatMap(principalsIn)), request);
    return { events: found.map(withoutDetail), names, recordings: new Map(), next, scanned: looked };
  }
  const held = (await vault.db.read((rows) => rows.log.state(by.tenant), request))?.held ?? null;
  const metadataKey = held === null ? await metadataKeyIfAvailable(vault, by.tenant, request) : null;
  if (metadataKey === null) {
    return { events: found.map(withoutDetail), names: new Map(), recordings: new Map(), next, scanned: looked };
  }
  const detailed = found.filter(({ leaf }) => leaf?.detail !== undefined).map(({ event }) => event.seq);
  const ids = recordingIdsIn(found.map(({ leaf }) => leaf));
  const { details, names, recordings } = await vault.db.read(
    async (rows) => ({
      details: await rows.log.details(by.tenant, detailed),
      names: await readNames(rows, metadataKey, by.tenant, found.flatMap(principalsIn)),
      recordings: await readRecordingsInLog(rows, metadataKey, by.tenant, ids),
    }),
    request,
  );
  const bySeq = new Map(details.map((detail) => [detail.seq, detail]));
  const events = found.map((read) => ({ ...read, ...openShown(metadataKey, read, bySeq.get(read.event.seq)) }));
  return { events, names, recordings, next, scanned: looked };
}

function withoutDetail(read: DecodedEvent): ActivityEvent {
  return { ...read, detail: null, detailState: read.leaf?.detail === undefined ? 'none' : 'sealed' };
}

function principalsIn({ leaf }: DecodedEvent): string[] {
  if (leaf === null) return [];
  const said = Object.values(leaf.object).flatMap((value) => (typeof value === 'string' ? value.split(',') : []));
  return [leaf.actor.id, ...said].filter((text) => isId(text, 'usr', 'svc'));
}

/** Details that the log does not show: auditors see who changed which facts and why, and no facts. */
const UNSHOWN = ['was'];

function openShown(
  metadataKey: SecretKey,
  { event, leaf }: DecodedEvent,
  stored: StoredDetail | undefined,
): OpenedDetail {
  const { detail, detailState } = openDetail(metadataKey, event.log, leaf, stored);
  const shown = Object.entries(detail ?? {}).filter(([name]) => !UNSHOWN.includes(name));
  return { detail: detail === null ? null : Object.fromEntries(shown), detailState };
}
