// Name suggestions for a filter: the tenant's agents or queues that begin with the typed text.
import { normalText } from '../../bytes/normal-text.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Caller } from '../../model/principal.ts';
import { isHidden } from '../../model/recording.ts';
import type { Rows } from '../../ports/database.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { openRecordingFacts } from '../core/objects/recording-view.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readScope, scopeFilter } from '../core/scope/read-scope.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** The fields that have suggestions. */
export type NamedField = 'agent' | 'queue';

export type Suggestions = {
  /** In alphabetical order. */
  readonly names: readonly string[];
  /** False where there are more names or, in a scope of teams, recordings than were searched: a name may be missing. */
  readonly complete: boolean;
};

/** How many names are searched, and how many are opened in one go: other requests are served in between. */
export const MOST_NAMES = 2_000;
const BATCH = 100;

/**
 * At most `limit` names that begin with `prefix`, in any case. Opens each name from one recording that has it; keeps
 * none after the reply. Counts as a look at the list, which shows the same names.
 */
export async function suggestNames(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  field: NamedField,
  prefix: string,
  limit: number,
  request: RequestContext,
): Promise<Suggestions> {
  const object = { id: by.tenant };
  const what = { tenant: by.tenant, actor: actorOf(by), action: 'catalogue.read', object } as const;
  await countEvent(vault, what, request);
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const recordings = await vault.db.read((rows) => recordingsWithNames(rows, metadataKey, by, field), request);
  const wanted = normalText(prefix);
  const all = await namesOfRecordings(vault, metadataKey, by.tenant, field, recordings, request);
  const found = all.filter((name) => normalText(name).startsWith(wanted));
  const names = [...new Set(found)].sort((one, other) => one.localeCompare(other)).slice(0, limit);
  return { names, complete: recordings.length <= MOST_NAMES };
}

/** The names of at most the first 2,000 of these recordings; other requests are served in between. */
export async function namesOfRecordings(
  vault: Pick<Vault, 'db'>,
  metadataKey: SecretKey,
  tenant: string,
  field: NamedField,
  recordings: readonly string[],
  request: RequestContext,
): Promise<string[]> {
  const found: string[] = [];
  for (let from = 0; from < Math.min(MOST_NAMES, recordings.length); from += BATCH) {
    const ids = recordings.slice(from, Math.min(from + BATCH, MOST_NAMES));
    found.push(...(await vault.db.read((rows) => namesIn(rows, metadataKey, tenant, field, ids), request)));
  }
  return found;
}

/** Ids of recordings that have the names: one for each, or within a scope of teams its newest recordings. */
async function recordingsWithNames(
  rows: Rows,
  metadataKey: SecretKey,
  by: Caller,
  field: NamedField,
): Promise<readonly string[]> {
  const scope = await scopeFilter(rows, await readScope(rows, metadataKey, by));
  if (scope === undefined) return rows.recordings.onePerValue(by.tenant, field, MOST_NAMES + 1);
  return (await rows.recordings.page(by.tenant, { indexes: [], scope }, null, MOST_NAMES + 1)).map(({ id }) => id);
}

async function namesIn(
  rows: Pick<Rows, 'recordings'>,
  metadataKey: SecretKey,
  tenant: string,
  field: NamedField,
  ids: readonly string[],
): Promise<string[]> {
  const recordings = await rows.recordings.findMany(tenant, ids);
  return recordings.flatMap((recording) => {
    const name = isHidden(recording) ? undefined : openRecordingFacts(metadataKey, recording)?.[field];
    return name === undefined ? [] : [name];
  });
}
