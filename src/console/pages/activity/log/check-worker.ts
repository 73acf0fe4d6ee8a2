// Worker that checks the whole log, so that the page stays responsive: it reads the log itself and posts how far it is.
import { readVerifierKey } from '../../../../model/log/note.ts';
import { problemOf } from '../../../api/problem.ts';
import { checkLog } from './check-log.ts';
import type { FromCheckWorker, ToCheckWorker } from './check-messages.ts';
import { noteCrypto } from './crypto.ts';
import { logReader } from './log-reader.ts';

const say = (message: FromCheckWorker): void => postMessage(message);

async function run({ log, keys, language }: ToCheckWorker): Promise<void> {
  const start = performance.now();
  const read = keys.flatMap((key) => readVerifierKey(key, noteCrypto.sha256) ?? []);
  // Passkeys belong to the address of the page.
  const named = { name: log, keys: read, url: location.origin };
  try {
    const checked = await checkLog(named, logReader(language), (count) => say({ count }));
    say({ checked, seconds: (performance.now() - start) / 1000 });
  } catch (error) {
    say({ problem: problemOf(error) });
  }
}

addEventListener('message', ({ data }: MessageEvent<ToCheckWorker>) => void run(data));
