// The programs that the bench starts, compiled: a program that is compiled while it loads is another one, and slower.
import { fileURLToPath } from 'node:url';
import { builtBin, builtFile } from '../../support/built.ts';

const COMPILED = import.meta.url.endsWith('.js');

/** The compiled file of a source, given by its path from this folder and from the top. */
function compiled(near: string, source: string): string {
  return COMPILED ? fileURLToPath(new URL(near.replace(/\.ts$/, '.js'), import.meta.url)) : builtFile(source);
}

/** The module that a measured server loads first. */
export const probeFile = (): string => compiled('./probe.ts', 'test/bench/calls/probe.ts');
/** The bare minimum. */
export const bareFile = (): string => compiled('./bare/server.ts', 'test/bench/calls/bare/server.ts');
/** The double of S3. */
export const s3DoubleFile = (): string => compiled('../../support/double/process.ts', 'test/support/double/process.ts');
/** The bin of this checkout's sources. */
export const ownBin = (): string =>
  COMPILED ? fileURLToPath(new URL('../../../../scripts/callvault.js', import.meta.url)) : builtBin();
