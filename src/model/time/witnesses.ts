// Witnesses of the time: what other machines' clocks say beside this one's. They reject; they set and trust nothing.

/** A witness differs where its clock is further from this one than this, in milliseconds. */
export const WITNESS_APART_MS = 60_000;
/** Witnesses met within this time count, and must differ for as long before the process is rejected. */
export const WITNESS_WINDOW_MS = 60_000;

/** What a witness said: by how much its clock is ahead of this one (negative: behind), and when, in steady milliseconds. */
export type Testimony = { readonly aheadMs: number; readonly at: number };

/** Whether more than half of the witnesses heard lately differ; false without any. */
export function mostDiffer(heard: Iterable<Testimony>, steady: number): boolean {
  const recent = [...heard].filter(({ at }) => steady - at <= WITNESS_WINDOW_MS);
  return recent.filter(({ aheadMs }) => Math.abs(aheadMs) > WITNESS_APART_MS).length * 2 > recent.length;
}
