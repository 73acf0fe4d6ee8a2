// The processes of a test run that are still alive: children that no test ended, and servers.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** A process by its id and its command line. */
export type Running = { readonly pid: number; readonly command: string };

/**
 * Processes with `mark` in their command line or environment, and those without a parent whose command line has `program`:
 * children with another environment. Leaves out Vitest's workers. Works on Linux only.
 */
export function leftRunning(mark: string, program: string): Running[] {
  if (!existsSync('/proc/self/environ')) return [];
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return ids.flatMap((id) => {
    // A process that has ended but was not reaped has no command line.
    const command = read(id, 'cmdline').trim();
    const isMarked = command.includes(mark) || read(id, 'environ').includes(mark);
    const isOurs = isMarked || (command.includes(program) && /^PPid:\t1$/m.test(read(id, 'status')));
    return isOurs && command !== '' && !command.includes('/vitest/dist/') ? [{ pid: Number(id), command }] : [];
  });
}

function read(id: string, file: string): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // The process has ended meanwhile, or belongs to another user.
    return '';
  }
}
