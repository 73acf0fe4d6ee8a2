// A binary search over a log of unknown length.

/**
 * The first index from `from` on for which `isBefore` is false; `below` where it is true of all below that. It must be
 * true up to some index and false from there on, also past the end.
 */
export async function lowerBound(
  isBefore: (index: number) => Promise<boolean>,
  from = 0,
  below = Number.POSITIVE_INFINITY,
): Promise<number> {
  let [low, high] = [from, from + 1];
  while (high < below && (await isBefore(high - 1))) [low, high] = [high, Math.min(below, from + (high - from) * 2)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
