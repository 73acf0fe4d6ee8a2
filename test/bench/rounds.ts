// Rivals measured in turn over many rounds, and the statistics.

/** A timed contender. `time` handles `bytes` bytes of plaintext once and returns the milliseconds. */
export type Contender = { readonly name: string; readonly bytes: number; readonly time: () => Promise<number> };

/** A contender compared with the product; `target` is the lowest acceptable ratio product/rival. */
export type Rival = Contender & { readonly target: number | null };

/** One table of the bench: the product and its rivals at one task. */
export type Comparison = { readonly name: string; readonly product: Contender; readonly rivals: readonly Rival[] };

/** Comparisons that are ready to measure, and a function that releases their resources. */
export type PreparedComparisons = { readonly comparisons: readonly Comparison[]; readonly close: () => Promise<void> };

/** Median with the 10th and the 90th percentile. */
export type Spread = { readonly median: number; readonly p10: number; readonly p90: number };

/** Figures of a rival: its speed, and the product's speed as a multiple of it in the same round. */
export type RivalFigures = {
  readonly name: string;
  readonly bytes: number;
  readonly mbPerSecond: Spread;
  readonly ratio: Spread;
  readonly target: number | null;
  readonly met: boolean | null;
};

/** Figures of one comparison. */
export type Figures = {
  readonly name: string;
  readonly product: { readonly name: string; readonly bytes: number; readonly mbPerSecond: Spread };
  readonly rivals: readonly RivalFigures[];
};

/** Percentile `p` of the values, interpolated between neighbours. */
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

/** Spread of the ratios of each round. A slow round slows both, so it is more stable than a ratio of medians. */
export function ratioOf(product: readonly number[], rival: readonly number[]): Spread {
  if (product.length !== rival.length) throw new RangeError('as many rounds of one as of the other');
  return spreadOf(product.map((speed, round) => speed / (rival[round] ?? Number.NaN)));
}

/** Figures of a comparison from its speeds in MB/s, round by round: the product's, and each rival's. */
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

/** Measures a comparison: product and rivals in turn (A B C A B C …), after one discarded round. */
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
