// The table of background work: which verb, how often. Started by main.
import { settle } from './vault/deposit/settle.ts';
import { expire } from './vault/listening/end.ts';
import type { Request } from './vault/request.ts';
import type { Vault } from './vault/vault.ts';

/** One line of the table. */
type Work = readonly [name: string, verb: (vault: Vault, request: Request) => Promise<number>, everyMs: number];

const ROUND_MS = 300_000;

function table(vault: Vault): readonly Work[] {
  const leaseMs = vault.settings.leaseSeconds * 1000;
  return [
    ['settle', settle, Math.min(leaseMs, 15_000)],
    ['expire', expire, 1_000],
    ['expire metadata keys', () => Promise.resolve(vault.metadataKeys.expire()), 30_000],
  ];
}

/** Starts the background work; `failed` hears of what a round could not do. Returns what stops it. */
export function startWork(vault: Vault, failed: (name: string, error: unknown) => void): () => void {
  const stops = table(vault).map(([name, verb, everyMs]) =>
    vault.clock.every(everyMs, async () => {
      try {
        await verb(vault, { signal: vault.clock.deadline(ROUND_MS) });
      } catch (error) {
        failed(name, error);
      }
    }),
  );
  return () => {
    for (const stop of stops) stop();
  };
}
