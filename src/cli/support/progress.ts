// Progress of long commands: a bar on a terminal, plain lines elsewhere, nothing with --json.
import { clearLine, cursorTo } from 'node:readline';
import { type Options, Presets, SingleBar } from 'cli-progress';

/** Progress of a run. `total` may be called again when more work becomes known. */
export type Progress = {
  readonly total: (steps: number) => void;
  readonly step: (steps: number) => void;
  /** Prints a line of output above the progress. */
  readonly note: (line: string) => void;
  readonly end: () => void;
};

/** Lines go to stdout. The bar goes to stderr, if that is a terminal and --json is not set. */
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

/** Prints the count, the rate and the remaining time to stderr every few seconds, where no terminal shows a bar. */
function plainProgress(say: (line: string) => void): Progress {
  const began = performance.now();
  let [done, all, printed] = [0, 0, began];
  return {
    total: (steps) => {
      all = steps;
    },
    step: (steps) => {
      done += steps;
      const now = performance.now();
      if (now - printed < LINE_MS) return;
      printed = now;
      const rate = (done * 1000) / (now - began);
      const left = Math.max(0, Math.round((all - done) / rate));
      process.stderr.write(`${done} of ${all} · ${rate.toFixed(0)}/s · about ${left} s left\n`);
    },
    note: say,
    end: () => undefined,
  };
}
