// Keeps the ingest key fresh: asks the vault, decides, and writes down what was decided.
import { isDeepStrictEqual } from 'node:util';
import type { VaultClient } from '../client/client.ts';
import { VaultError } from '../errors.ts';
import { codeOf } from './error-code.ts';
import { decideKey, type KeptKeys, type OfferedKey, type Pinned, readOfferedKey, trustedKept } from './ingest-key.ts';
import { readKeptKeys, writeKeptKeys } from './kept-keys.ts';
import type { Log, RelayClock } from './ports.ts';
import type { RelayState } from './state.ts';

/** How often the vault is asked while all is well, and otherwise. */
const FRESH_MS = 600_000;
const MISSING_MS = 15_000;

export type KeyDeps = {
  readonly client: Pick<VaultClient, 'send'>;
  readonly file: string;
  readonly pinned: Pinned;
  readonly clock: RelayClock;
  readonly state: RelayState;
  readonly log: Log;
};

export type KeyWatch = {
  /** The key to seal to. Throws `not_available` while there is none. */
  readonly current: () => OfferedKey;
  readonly kept: () => KeptKeys;
  /** Asks the vault again and again until the signal fires. */
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** Reads the kept key, so that an outage of the vault does not delay sealing. */
export async function watchKey(deps: KeyDeps): Promise<KeyWatch> {
  const { file, pinned, state, log, clock } = deps;
  let kept = trustedKept(await readKeptKeys(file), pinned);
  // Not before the vault was asked: a first start has no key yet.
  const noted = (): void => state.alarm('no_key', kept.current === null ? 1 : 0);
  const ask = async (signal: AbortSignal): Promise<void> => {
    // A person may have accepted a key.
    const written = trustedKept(await readKeptKeys(file), pinned);
    if (written.current !== null && !isDeepStrictEqual(written, kept)) kept = written;
    const answer = await deps.client.send({ method: 'GET', path: '/v1/ingest-key' }, { signal });
    const offered = answer.status === 200 ? readOfferedKey(answer.json) : null;
    if (offered === null) {
      log('no ingest key', { status: answer.status });
      return;
    }
    const { kept: next, problem } = decideKey(kept, offered, pinned);
    state.alarm('key_changed', problem === 'key_changed' ? 1 : 0);
    state.alarm('key_untrusted', problem === 'key_untrusted' ? 1 : 0);
    if (isDeepStrictEqual(next, kept)) return;
    await writeKeptKeys(file, next);
    if (next.current !== null && next.current.id !== kept.current?.id)
      log('ingest key accepted', { key: next.current.id });
    kept = next;
  };
  return {
    current: () => {
      if (kept.current === null) throw new VaultError('not_available', 'no ingest key was accepted yet');
      return kept.current;
    },
    kept: () => kept,
    run: async (signal) => {
      while (!signal.aborted) {
        try {
          await ask(signal);
        } catch (error) {
          if (!signal.aborted) log('ingest key not read', { code: codeOf(error) });
        }
        noted();
        const calm = kept.current !== null && kept.candidate === null;
        await clock.sleep(calm ? FRESH_MS : MISSING_MS, signal);
      }
    },
  };
}
