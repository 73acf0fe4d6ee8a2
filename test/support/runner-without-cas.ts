// A runner of the drill without compare-and-set: both runners read the same keys before either writes one.
import { existsSync, mkdirSync, readdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runRewrap } from '../drill/runner.ts';
import { startingAtFirstKey } from './rewrapping.ts';
import { withoutCas } from './without-cas.ts';

/** A folder that both runners know, next to the store. */
const MEETING_FOLDER = join((process.env['CALLVAULT_STORE'] ?? '').slice('folder:'.length), '..', 'meeting');
const RUNNERS = 2;

/** Announces this runner and waits for the other. */
async function waitForOther(): Promise<void> {
  if (!existsSync(MEETING_FOLDER)) mkdirSync(MEETING_FOLDER, { recursive: true });
  const all = () => readdirSync(MEETING_FOLDER).length >= RUNNERS;
  await new Promise<void>((resolve) => {
    const watching = watch(MEETING_FOLDER, () => {
      if (!all()) return;
      watching.close();
      resolve();
    });
    writeFileSync(join(MEETING_FOLDER, String(process.pid)), '');
    if (!all()) return;
    watching.close();
    resolve();
  });
}

await runRewrap((vault) => {
  let met: Promise<void> | null = null;
  const rewrap: typeof vault.keys.rewrap = async (key, from, to, wait) => {
    met ??= from['vault:use'] === 'metadata' ? null : waitForOther();
    await met;
    return vault.keys.rewrap(key, from, to, wait);
  };
  return withoutCas(startingAtFirstKey({ ...vault, keys: { ...vault.keys, rewrap } }));
});
