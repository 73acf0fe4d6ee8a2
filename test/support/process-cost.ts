// What a process costs, seen from outside: its CPU time and its largest memory, as the kernel counts them.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const TICK_MS = 1_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Milliseconds of CPU time that it used so far, all threads. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is a name that may hold spaces: what follows it begins with the third.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** The most memory that it held at once, in MiB. */
export const peakMiB = (pid: number): number => statusMiB(pid, 'VmHWM');

/** The memory that it holds, in MiB. */
export const residentMiB = (pid: number): number => statusMiB(pid, 'VmRSS');

/** A line of its status file (proc_pid_status(5)). */
function statusMiB(pid: number, name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kib) / 1_024;
}

/** Lets the peak begin again at what it holds now. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
