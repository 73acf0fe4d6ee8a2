// A legal hold, as its stream leaves it.
import type { AmendmentEntry, HoldAmendment } from './amendment.ts';

/** What a stream says of a recording: the last entry that covers it (0: none does), and whether it left the hold. */
export type FoldedRecording = { readonly covered: number; readonly lifted: boolean };

/** `hold` is null where no entry says it; `lifted`: when the whole hold ended, and who approved that. */
export type FoldedHold = {
  readonly hold: (HoldAmendment & { readonly at: string }) | null;
  readonly recordings: ReadonlyMap<string, FoldedRecording>;
  readonly lifted: { readonly at: string; readonly by: string } | null;
};

/** The hold after its entries, in order of their numbers. */
export function foldHold(entries: readonly (AmendmentEntry & { readonly n: number })[]): FoldedHold {
  let hold: FoldedHold['hold'] = null;
  let lifted: FoldedHold['lifted'] = null;
  const recordings = new Map<string, FoldedRecording>();
  for (const { n, at, body } of entries) {
    if (body.op === 'hold') hold = { ...body, at };
    if (body.op === 'cover') for (const id of body.recordings) recordings.set(id, { covered: n, lifted: false });
    if (body.op !== 'lift') continue;
    if (body.recordings === undefined) lifted = { at, by: body.by };
    for (const id of body.recordings ?? [])
      recordings.set(id, { covered: recordings.get(id)?.covered ?? 0, lifted: true });
  }
  return { hold, recordings, lifted };
}
