// How long commands tell how far they are: a bar where somebody looks on, plain lines elsewhere, JSON where asked for.
import { clearLine, cursorTo } from 'node:readline';
import { type Options, Presets, SingleBar } from 'cli-progress';

/** A run's progress. `total` may be told again as more becomes known. */
export type Progress = {
  readonly total: (steps: number) => void;
  readonly step: (steps: number) => void;
  /** A line of output beside the progress. */
  readonly note: (line: string) => void;
  readonly end: () => void;
};

/** Lines go to stdout. The bar goes to stderr, where that is a terminal and nobody asked for JSON. */
export function createProgress({ json }: { readonly json: boolean }): Progress {
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  if (json) return { total: () => undefined, step: () => undefined, note: say, end: () => undefined };
  if (process.stderr.isTTY !== true) return plainProgress(say);
  const began = performance.now();
  let [done, all] = [0, 0];
  const format: Options = {
    format: '{bar} {percentage} % · {value} of {total} · {rate}/s · {eta_formatted} left',
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  };
  const bar = new SingleBar(format, Presets.shades_classic);
  const rate = (): { readonly rate: string } => ({
    rate: ((done * 1000) / Math.max(1, performance.now() - began)).toFixed(0),
  });
  return {
    total: (steps) => {
      const first = all === 0;
      all = steps;
      if (first) bar.start(all, done, rate());
      else bar.setTotal(all);
    },
    step: (steps) => {
      done += steps;
      if (all > 0) bar.update(done, rate());
    },
    note: (line) => {
      clearLine(process.stderr, 0);
      cursorTo(process.stderr, 0);
      say(line);
      if (all > 0) bar.updateETA();
    },
    end: () => bar.stop(),
  };
}

const LINE_MS = 5_000;

/** A line every few seconds to stderr, where nobody looks on: how far it is, how fast, and how long it may take. */
function plainProgress(say: (line: string) => void): Progress {
  const began = performance.now();
  let [done, all, told] = [0, 0, began];
  return {
    total: (steps) => {
      all = steps;
    },
    step: (steps) => {
      done += steps;
      const now = performance.now();
      if (now - told < LINE_MS) return;
      told = now;
      const rate = (done * 1000) / (now - began);
      const left = Math.max(0, Math.round((all - done) / rate));
      process.stderr.write(`${done} of ${all} · ${rate.toFixed(0)}/s · about ${left} s left\n`);
    },
    note: say,
    end: () => undefined,
  };
}
