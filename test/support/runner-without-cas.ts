// A runner of the drill without compare-and-set: both read the same keys before either puts one in place.
import { existsSync, mkdirSync, readdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runner } from '../drill/runner.ts';
import { fromStart } from './rewrapping.ts';
import { withoutCas } from './without-cas.ts';

/** A folder that both know: beside the store. */
const MEETING = join((process.env['CALLVAULT_STORE'] ?? '').slice('folder:'.length), '..', 'meeting');
const RUNNERS = 2;

/** Says that this one is there, and waits for the other. */
async function meet(): Promise<void> {
  if (!existsSync(MEETING)) mkdirSync(MEETING, { recursive: true });
  const all = () => readdirSync(MEETING).length >= RUNNERS;
  await new Promise<void>((resolve) => {
    const watching = watch(MEETING, () => {
      if (!all()) return;
      watching.close();
      resolve();
    });
    writeFileSync(join(MEETING, String(process.pid)), '');
    if (!all()) return;
    watching.close();
    resolve();
  });
}

await runner((vault) => {
  let met: Promise<void> | null = null;
  const rewrap: typeof vault.keys.rewrap = async (key, from, to, wait) => {
    met ??= from['vault:use'] === 'metadata' ? null : meet();
    await met;
    return vault.keys.rewrap(key, from, to, wait);
  };
  return withoutCas(fromStart({ ...vault, keys: { ...vault.keys, rewrap } }));
});
