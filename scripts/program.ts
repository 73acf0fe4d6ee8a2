// Program that a script starts as a child process: its source through tsx, or the built file.
import { fileURLToPath } from 'node:url';

/** File to run, and the Node arguments that it needs. */
export type Program = { readonly file: string; readonly execArgv: readonly string[] };

/** Program in this file. */
export function programOf(file: string): Program {
  return { file, execArgv: file.endsWith('.ts') ? ['--import', 'tsx'] : [] };
}

/** Program of this name next to a module, built if the module is. */
export function programBeside(module: string, name: string): Program {
  const ending = module.endsWith('.ts') ? 'ts' : 'js';
  return programOf(fileURLToPath(new URL(`./${name}.${ending}`, module)));
}
