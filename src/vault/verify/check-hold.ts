// The check of what a hold's stream says against its rows: the hold, its recordings, and their counts.
import { canonicalBytes, type Json } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { Amendment, AmendmentEntry, HoldAmendment } from '../../model/amendments/amendment.ts';
import { foldHold } from '../../model/amendments/fold-hold.ts';
import type { HeldRecording, Hold } from '../../model/hold.ts';
import type { Rows } from '../../ports/database.ts';
import { openHoldNote, openHoldScope } from '../core/holds/sealed-hold.ts';

/** The rows of a hold; `miscounted`: its first recording whose count is not that of its holds. */
export type HoldState = {
  readonly of: 'hold';
  readonly hold: Hold | null;
  readonly recordings: readonly HeldRecording[];
  readonly miscounted: string | null;
};

/**
 * What differs: there is no row; the row does not open, or says something else; it is lifted, or not; the recordings are
 * others; or one is counted otherwise.
 */
export type HoldFault = {
  readonly kind: 'hold_differs';
  readonly n: number;
  readonly why: 'missing' | 'damaged' | 'said' | 'lifted' | 'recordings' | 'count';
};

type Entries = readonly (AmendmentEntry & { readonly n: number })[];

/** Recordings read at a time. */
const PAGE = 500;

/** The rows of a hold, in one snapshot. */
export async function readHoldState(
  { legalHolds, recordings: all }: Pick<Rows, 'legalHolds' | 'recordings'>,
  tenant: string,
  id: string,
): Promise<HoldState> {
  const hold = await legalHolds.find(tenant, id);
  const recordings: HeldRecording[] = [];
  let miscounted: string | null = null;
  for (;;) {
    const page = await legalHolds.recordings(tenant, id, recordings.at(-1)?.recording ?? '', PAGE);
    recordings.push(...page);
    const ids = page.map(({ recording }) => recording);
    const counts = await legalHolds.countOf(tenant, ids);
    // A recording that is not there, or was erased, is counted by no one.
    const wrong = (await all.findMany(tenant, ids)).filter(
      (one) => one.facts !== null && one.holds !== (counts.get(one.id) ?? 0),
    );
    miscounted ??= wrong.map((one) => one.id).sort()[0] ?? null;
    if (page.length < PAGE) return { of: 'hold', hold, recordings, miscounted };
  }
}

/** What of the rows two readings compare. */
export function holdVersionOf({ hold, recordings, miscounted }: HoldState): Json {
  const rows = recordings.map(({ recording, covered, lifted }) => [recording, covered, lifted]);
  return [hold?.version ?? null, hold?.state ?? null, miscounted, rows];
}

/** The first difference between a whole stream and its rows. */
export function holdFault(metadataKey: SecretKey, state: HoldState, entries: Entries): HoldFault | null {
  const last = entries.at(-1)?.n;
  if (last === undefined) return null;
  const fault = (why: HoldFault['why'], says: (body: Amendment) => boolean): HoldFault => ({
    ...{ kind: 'hold_differs', n: entries.findLast(({ body }) => says(body))?.n ?? last, why },
  });
  const { hold, recordings: rows, miscounted } = state;
  const isHold = (body: Amendment): boolean => body.op === 'hold';
  if (hold === null) return fault('missing', isHold);
  const { hold: said, recordings, lifted } = foldHold(entries);
  const isSaid = said === null ? false : isAsSaid(metadataKey, hold, said);
  if (isSaid !== true) return fault(isSaid === null ? 'damaged' : 'said', isHold);
  if (
    (hold.state === 'LIFTED') !== (lifted !== null) ||
    hold.lifted !== (lifted?.at ?? null) ||
    hold.liftedBy !== (lifted?.by ?? null)
  )
    return fault('lifted', ({ op }) => op === 'lift' || op === 'hold');
  const known = new Map(rows.map((row) => [row.recording, row]));
  // The rows of a lifted hold are marked step by step, and what matched later has its entry soon.
  const other = [...recordings].find(([id, one]) => {
    const row = known.get(id);
    return row?.covered !== one.covered || (lifted === null && row.lifted !== one.lifted);
  });
  const unsaid = rows.find(
    (row) => !recordings.has(row.recording) && (row.covered !== 0 || (row.lifted && lifted === null)),
  );
  const named = other?.[0] ?? unsaid?.recording;
  if (named !== undefined)
    return fault('recordings', (body) => 'recordings' in body && body.recordings?.includes(named) === true);
  return miscounted === null
    ? null
    : fault('count', (body) => 'recordings' in body && body.recordings?.includes(miscounted) === true);
}

/** Whether the row says what the entry says; null where it does not open. */
function isAsSaid(metadataKey: SecretKey, hold: Hold, said: HoldAmendment & { readonly at: string }): boolean | null {
  try {
    const note = openHoldNote(metadataKey, hold);
    const scope = openHoldScope(metadataKey, hold);
    const { reference, title, continuing, review, by, at } = said;
    return canonicalBytes([
      ...[note?.reference ?? null, note?.title ?? null, hold.continuing, hold.review, hold.placedBy, hold.created],
      (scope ?? null) as Json,
    ]).equals(canonicalBytes([reference, title, continuing, review, by, at, (said.scope ?? null) as Json]));
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed')) return null;
    throw error;
  }
}
