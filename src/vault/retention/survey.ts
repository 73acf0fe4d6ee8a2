// What new rules would do to a tenant's recordings: counted by profile and day in an index, without opening a recording.
import { hexOf } from '../../bytes/hex.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Facts } from '../../model/facts.ts';
import type { RuledFacts } from '../../model/retention/attributes.ts';
import { matches } from '../../model/retention/evaluate.ts';
import type { RetentionPreview } from '../../model/retention/preview.ts';
import { eventOf, type RetentionRules } from '../../model/retention/rules.ts';
import { type Tally, tallyOf } from '../../model/retention/tally.ts';
import type { Rows } from '../../ports/database.ts';
import type { ProfileCount, ProfileCounts, ProfileCursor, RetainedRecording } from '../../ports/rows/retention-rows.ts';
import { openRawFacts } from '../core/facts/raw-facts.ts';
import type { RequestContext } from '../core/request-context.ts';
import { attributesOf, otherProfile, profileNames } from '../core/retention/profiles.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'clock'>;

/** Rows that one query counts, alone or with an event, or opens: SQLite reads so many in some 10 ms, and others wait. */
const STEP = 20_000;
const EVENT_STEP = 5_000;
const ROWS = 500;

type Survey = {
  readonly tenant: string;
  readonly metadataKey: SecretKey;
  readonly was: RetentionRules | null;
  readonly set: RetentionRules;
};

/**
 * Counts every recording under both rules, at `at`. Recordings count by profile; one by one only those with
 * `retain_until`, those beyond the most profiles, those that wait for different events under different rules, and all
 * where the new rules look at a field that the current ones do not. Throws `integrity`.
 */
export async function surveyRetention(
  vault: Deps,
  survey: Survey,
  at: string,
  request: RequestContext,
): Promise<RetentionPreview> {
  const { tenant, was, set } = survey;
  const tally = tallyOf(was, set, at);
  const known = new Set(was === null ? [] : profileNames(was));
  if (profileNames(set).every((name) => known.has(name))) await countProfiles(vault, survey, tally, request);
  else await openAll(vault, survey, tally, request);
  const kept = await vault.db.read(
    async ({ retention }) => ({
      held: await retention.countHeld(tenant),
      restricted: await retention.countRestricted(tenant),
    }),
    request,
  );
  return tally.result(kept);
}

/** How the recordings of a profile are counted: none of its rules waits for an event, one does, or more do. */
type Counting = { readonly attributes: RuledFacts['attributes']; readonly events: readonly string[] };

async function countProfiles(vault: Deps, survey: Survey, tally: Tally, request: RequestContext): Promise<void> {
  const { tenant, metadataKey } = survey;
  const rows = await vault.db.read(({ retention }) => retention.profiles(tenant), request);
  const profiles = new Map<string, Counting>();
  for (const row of rows) {
    const attributes = attributesOf(metadataKey, row);
    profiles.set(hexOf(row.id), { attributes, events: eventsFor(survey, attributes) });
  }
  const others = otherProfile(metadataKey);
  const days = (rows: Rows, after: ProfileCursor | null) => rows.retention.profileDays(tenant, after, STEP);
  await eachCount(vault, null, days, request, (one) => {
    const profile = profiles.get(hexOf(one.profile));
    if (profile !== undefined && profile.events.length === 0) tally.addGroup(factsOf(profile, one), one.count);
  });
  for (const [key, profile] of [...profiles, [hexOf(others), null] as const]) {
    if (profile?.events.length === 0) continue;
    const id = Buffer.from(key, 'hex');
    const [event, ...more] = profile?.events ?? [];
    if (profile === null || event === undefined || more.length > 0)
      await openProfile(vault, survey, id, tally, request);
    else await countEvents(vault, survey, { id, profile, event }, tally, request);
  }
  await openEach(vault, survey, tally, request, (after) =>
    vault.db.read(({ retention }) => retention.withMinimum(tenant, after, ROWS), request),
  );
}

/** Calls `add` for each count, of one query after the other: each begins where the one before ended. */
async function eachCount<Place extends ProfileCursor | null>(
  vault: Deps,
  first: Place,
  read: (rows: Rows, after: Place | ProfileCursor) => Promise<ProfileCounts>,
  request: RequestContext,
  add: (count: ProfileCount) => void,
): Promise<void> {
  for (let after: Place | ProfileCursor = first; ; ) {
    request.signal.throwIfAborted();
    const from: Place | ProfileCursor = after;
    const { counts, last }: ProfileCounts = await vault.db.read((rows) => read(rows, from), request);
    counts.forEach(add);
    if (last === null) return;
    after = last;
    await vault.clock.pause();
  }
}

async function countEvents(
  vault: Deps,
  { tenant }: Survey,
  { id, profile, event }: { readonly id: Uint8Array; readonly profile: Counting; readonly event: string },
  tally: Tally,
  request: RequestContext,
): Promise<void> {
  const days = ({ retention }: Rows, after: ProfileCursor) =>
    retention.profileEventDays(tenant, event, after, EVENT_STEP);
  await eachCount(vault, { profile: id, startedAt: '', id: '' }, days, request, (one) =>
    tally.addGroup(factsOf(profile, one, event), one.count),
  );
}

async function openProfile(
  vault: Deps,
  survey: Survey,
  profile: Uint8Array,
  tally: Tally,
  request: RequestContext,
): Promise<void> {
  const { tenant } = survey;
  let place: ProfileCursor = { profile, startedAt: '', id: '' };
  await openEach(vault, survey, tally, request, async () => {
    const page = await vault.db.read(({ retention }) => retention.ofProfile(tenant, place, ROWS), request);
    const last = page.at(-1);
    if (last !== undefined) place = { profile, startedAt: last.startedAt, id: last.id };
    return page;
  });
}

function openAll(vault: Deps, survey: Survey, tally: Tally, request: RequestContext): Promise<void> {
  return openEach(vault, survey, tally, request, (after) =>
    vault.db.read(({ retention }) => retention.page(survey.tenant, after, ROWS), request),
  );
}

/** Tallies the recordings of all pages by their facts. Erased ones have none. */
async function openEach(
  vault: Deps,
  { tenant, metadataKey }: Survey,
  tally: Tally,
  request: RequestContext,
  page: (after: string) => Promise<readonly RetainedRecording[]>,
): Promise<void> {
  for (let after = ''; ; ) {
    request.signal.throwIfAborted();
    const rows = await page(after);
    for (const { id, facts, startedAt } of rows)
      if (facts !== null) tally.addOne(openRawFacts(metadataKey, { tenant, id }, facts) as unknown as Facts, startedAt);
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS) return;
    after = last.id;
    await vault.clock.pause();
  }
}

/** The events that rules which match these attributes wait for, under either version. */
function eventsFor({ was, set }: Survey, attributes: RuledFacts['attributes']): readonly string[] {
  const events = [was, set].flatMap((rules) => {
    if (rules === null) return [];
    const erasing = rules.erase.find(({ when }) => matches(when, { attributes }));
    const keeping = rules.keep.filter(({ when }) => matches(when, { attributes }));
    return [...keeping, ...(erasing === undefined ? [] : [erasing])].flatMap((rule) => eventOf(rule) ?? []);
  });
  return [...new Set(events)];
}

/** Periods count whole UTC days: noon serves for every time of a day. */
function factsOf({ attributes }: Counting, { day, eventDay }: ProfileCount, event?: string): RuledFacts {
  const events = event === undefined || eventDay === null ? {} : { [event]: noonOf(eventDay) };
  return { startedAt: noonOf(day), attributes, events, retainUntil: null };
}

function noonOf(day: string): string {
  return `${day}T12:00:00.000Z`;
}
