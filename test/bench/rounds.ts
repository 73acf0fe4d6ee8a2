// Rivals measured in turn, round after round, and the statistics of what they took.

/** Something that is timed. `time` handles `bytes` bytes of plaintext once and says how many milliseconds that took. */
export type Contender = { readonly name: string; readonly bytes: number; readonly time: () => Promise<number> };

/** A contender the product is held against; `target` is the least ratio product/rival that is good enough. */
export type Rival = Contender & { readonly target: number | null };

/** One table of the bench: the product beside its rivals at one task. */
export type Comparison = { readonly name: string; readonly product: Contender; readonly rivals: readonly Rival[] };

/** Comparisons that are ready to be measured, and what lets go of what they hold. */
export type PreparedComparisons = { readonly comparisons: readonly Comparison[]; readonly close: () => Promise<void> };

/** A median with the tenth and the ninetieth percentile beside it. */
export type Spread = { readonly median: number; readonly p10: number; readonly p90: number };

/** What one rival came to: its own speed, and how many times faster the product was in the same round. */
export type RivalFigures = {
  readonly name: string;
  readonly bytes: number;
  readonly mbPerSecond: Spread;
  readonly ratio: Spread;
  readonly target: number | null;
  readonly met: boolean | null;
};

/** What one comparison came to. */
export type Figures = {
  readonly name: string;
  readonly product: { readonly name: string; readonly bytes: number; readonly mbPerSecond: Spread };
  readonly rivals: readonly RivalFigures[];
};

/** The value below which the share `p` of the values lies, interpolated between neighbours. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * p;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('no values');
  return below + (above - below) * (place - Math.floor(place));
}

/** Median, p10 and p90. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: percentile(values, 0.5), p10: percentile(values, 0.1), p90: percentile(values, 0.9) };
}

/** The spread of the ratios of each round: a slow round slows both, so the ratio of two medians would say less. */
export function ratioOf(product: readonly number[], rival: readonly number[]): Spread {
  if (product.length !== rival.length) throw new RangeError('as many rounds of one as of the other');
  return spreadOf(product.map((speed, round) => speed / (rival[round] ?? Number.NaN)));
}

/** The figures of a comparison from its speeds in MB/s, round by round: the product's, and each rival's. */
export function figuresOf(comparison: Comparison, product: readonly number[], rivals: readonly number[][]): Figures {
  return {
    name: comparison.name,
    product: { name: comparison.product.name, bytes: comparison.product.bytes, mbPerSecond: spreadOf(product) },
    rivals: comparison.rivals.map(({ name, bytes, target }, i) => {
      const speeds = rivals[i] ?? [];
      const ratio = ratioOf(product, speeds);
      return {
        name,
        bytes,
        mbPerSecond: spreadOf(speeds),
        ratio,
        target,
        met: target === null ? null : ratio.median >= target,
      };
    }),
  };
}

async function speedOf({ bytes, time }: Contender): Promise<number> {
  return bytes / 1000 / (await time());
}

/** Measures a comparison: product and rivals in turn (A B C A B C …), after one round that does not count. */
export async function measure(comparison: Comparison, rounds: number): Promise<Figures> {
  const product: number[] = [];
  const rivals: number[][] = comparison.rivals.map(() => []);
  for (let round = -1; round < rounds; round++) {
    const ours = await speedOf(comparison.product);
    const theirs: number[] = [];
    for (const rival of comparison.rivals) theirs.push(await speedOf(rival));
    if (round < 0) continue;
    product.push(ours);
    theirs.forEach((speed, i) => {
      rivals[i]?.push(speed);
    });
  }
  return figuresOf(comparison, product, rivals);
}
