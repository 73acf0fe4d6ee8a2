// The version of this package.
import { readFileSync } from 'node:fs';

/** As package.json says it, which lies above the sources and above what the build made. */
export function packageVersion(): string {
  const up = import.meta.url.endsWith('.ts') ? '../../../' : '../../../../';
  const { version } = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
