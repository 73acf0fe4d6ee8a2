// Version of this package.
import { readFileSync } from 'node:fs';

/** Version in package.json, which is above both the sources and the build output. */
export function packageVersion(): string {
  const up = import.meta.url.endsWith('.ts') ? '../../../' : '../../../../';
  const { version } = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
