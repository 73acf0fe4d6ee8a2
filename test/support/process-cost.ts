// The cost of a process as the kernel counts it: CPU time and peak memory.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const TICK_MS = 1_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Milliseconds of CPU time so far, of all threads. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is a name that may contain spaces, so split after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The peak of its memory, in MiB. */
export const peakMiB = (pid: number): number => statusMiB(pid, 'VmHWM');

/** Its memory now, in MiB. */
export const residentMiB = (pid: number): number => statusMiB(pid, 'VmRSS');

/** A line of its status file (proc_pid_status(5)). */
function statusMiB(pid: number, name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kib) / 1_024;
}

/** Resets the peak to the current memory. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
