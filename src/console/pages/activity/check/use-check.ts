// Log checks: of the shown events whenever they change, and of the whole log on request.
import { useEffect, useRef, useState } from 'react';
import { notifyProblem } from '../../../components/notify.ts';
import { type Checked, createCheck } from '../log/check.ts';
import { newestCheckpoint } from '../log/checkpoint.ts';
import { type ActivityEvent, logPage } from '../log/queries.ts';

/** A finished check, and its duration. */
export type FinishedCheck = { readonly checked: Checked; readonly seconds: number };

/** Check of the shown events, newest first; null until it is done. */
export function useShownCheck(
  events: readonly ActivityEvent[],
  log: string | null,
  contiguous: boolean,
): FinishedCheck | null {
  const [done, setDone] = useState<FinishedCheck | null>(null);
  useEffect(() => {
    let cancelled = false;
    if (log === null) return undefined;
    const run = async (): Promise<void> => {
      const start = performance.now();
      const check = createCheck(log, contiguous ? 'stretch' : 'selection');
      await check.add([...events].reverse());
      if (!cancelled) setDone({ checked: check.checked(), seconds: (performance.now() - start) / 1000 });
    };
    void run();
    return () => {
      cancelled = true;
    };
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

const PART_EVENTS = 1000;

/** Check of the whole log, from its first event on. */
export function useWholeLogCheck(log: string | null): WholeLogCheck {
  const [done, setDone] = useState<FinishedCheck | null>(null);
  const [running, setRunning] = useState<number | null>(null);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);

  const run = async (name: string, signal: AbortSignal): Promise<void> => {
    const start = performance.now();
    setRunning(0);
    try {
      const check = createCheck(name, 'whole', await newestCheckpoint(signal));
      for (let next: string | null = '0'; next !== null; ) {
        const part = await logPage(Number(next), PART_EVENTS, signal);
        await check.add(part.data);
        setRunning(check.count());
        next = part.next_cursor;
      }
      setDone({ checked: check.checked(), seconds: (performance.now() - start) / 1000 });
    } catch (error) {
      if (!signal.aborted) notifyProblem(error);
    } finally {
      setRunning(null);
    }
  };
  return {
    done,
    running,
    start: () => {
      if (log === null || running !== null) return;
      stopping.current = new AbortController();
      void run(log, stopping.current.signal);
    },
    stop: () => stopping.current?.abort(),
  };
}
