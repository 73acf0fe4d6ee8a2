// A program that a script starts as a child process: its source through tsx, or the file that the build made of it.
import { fileURLToPath } from 'node:url';

/** A file to run, and the arguments that Node needs to run it. */
export type Program = { readonly file: string; readonly execArgv: readonly string[] };

/** The program in this file. */
export function programOf(file: string): Program {
  return { file, execArgv: file.endsWith('.ts') ? ['--import', 'tsx'] : [] };
}

/** The program of this name next to a module: built where the module is. */
export function programBeside(module: string, name: string): Program {
  const ending = module.endsWith('.ts') ? 'ts' : 'js';
  return programOf(fileURLToPath(new URL(`./${name}.${ending}`, module)));
}
