// Finding an index in a log by what is true of all before it.

/** The first index that is not before: times never go back, and past the end nothing is. */
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
