// Rates of the last minute, as this page measured them, for the sparkline.
import { useEffect, useRef, useState } from 'react';

const MAX_POINTS = 60;

/** Stores a rate each time the count changes. */
export function useRates(rate: number | null, counted: string): readonly number[] {
  const [rates, setRates] = useState<readonly number[]>([]);
  const last = useRef('');
  useEffect(() => {
    if (rate === null || last.current === counted) return;
    last.current = counted;
    setRates((before) => [...before, rate].slice(-MAX_POINTS));
  }, [rate, counted]);
  return rates;
}

const [WIDTH, HEIGHT] = [280, 44];

/** Path of the sparkline through these rates. */
export function sparklinePath(rates: readonly number[]): string {
  const most = Math.max(1, ...rates);
  const step = WIDTH / (MAX_POINTS - 1);
  const start = WIDTH - (rates.length - 1) * step;
  const point = (rate: number, n: number): string =>
    `${(start + n * step).toFixed(1)} ${(HEIGHT - 2 - (rate / most) * (HEIGHT - 8)).toFixed(1)}`;
  return rates.length < 2 ? '' : `M${rates.map(point).join(' L')}`;
}
