// Log checks: of the shown events whenever they change, and of the whole log on request.
import i18next from 'i18next';
import { useEffect, useRef, useState } from 'react';
import { problemError } from '../../../api/problem.ts';
import { notifyProblem } from '../../../components/notify.ts';
import { type Checked, createCheck } from '../log/check.ts';
import type { WholeChecked } from '../log/check-log.ts';
import type { FromCheckWorker, ToCheckWorker } from '../log/check-messages.ts';
import type { ActivityEvent } from '../log/queries.ts';

/** A finished check, and its duration. `whole`: what only the check of the whole log knows; null of the shown events. */
export type FinishedCheck = {
  readonly checked: Checked;
  readonly seconds: number;
  readonly whole: WholeChecked | null;
};

/** Check of the shown events, newest first; null until it is done. */
export function useShownCheck(
  events: readonly ActivityEvent[],
  log: string | null,
  contiguous: boolean,
): FinishedCheck | null {
  const [done, setDone] = useState<FinishedCheck | null>(null);
  useEffect(() => {
    if (log === null) return;
    const start = performance.now();
    const check = createCheck(log, contiguous ? 'stretch' : 'selection');
    check.add([...events].reverse());
    setDone({ checked: check.checked(), seconds: (performance.now() - start) / 1000, whole: null });
  }, [events, log, contiguous]);
  return done;
}

export type WholeLogCheck = {
  readonly done: FinishedCheck | null;
  /** Number of events checked so far; null while no check runs. */
  readonly running: number | null;
  readonly start: () => void;
  readonly stop: () => void;
};

/** Check of the whole log, from its first event on, in a worker; with the verifier keys that the reader entered. */
export function useWholeLogCheck(log: string | null, keys: readonly string[]): WholeLogCheck {
  const [done, setDone] = useState<FinishedCheck | null>(null);
  const [running, setRunning] = useState<number | null>(null);
  const worker = useRef<Worker | null>(null);
  const stop = (): void => {
    worker.current?.terminate();
    worker.current = null;
    setRunning(null);
  };
  useEffect(() => () => worker.current?.terminate(), []);

  const start = (): void => {
    if (log === null || running !== null) return;
    const checking = new Worker(new URL('../log/check-worker.ts', import.meta.url), { type: 'module', name: 'log' });
    worker.current = checking;
    setRunning(0);
    const onMessage = (message: FromCheckWorker): void => {
      if ('count' in message) {
        setRunning(message.count);
        return;
      }
      stop();
      if ('checked' in message) {
        const { checked, seconds } = message;
        setDone({ checked, seconds, whole: checked });
      } else notifyProblem(message.problem === null ? null : problemError(message.problem));
    };
    checking.onmessage = ({ data }: MessageEvent<FromCheckWorker>) => onMessage(data);
    checking.onerror = () => onMessage({ problem: null });
    checking.postMessage({ log, keys, language: i18next.language } satisfies ToCheckWorker);
  };
  return { done, running, start, stop };
}
