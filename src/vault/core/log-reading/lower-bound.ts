// A binary search over a log of unknown length.

/**
 * The first index for which `isBefore` is false. It must be true up to some index and false from there on, also past
 * the end.
 */
export async function lowerBound(isBefore: (index: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [0, 1];
  while (await isBefore(high - 1)) [low, high] = [high, high * 2];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
