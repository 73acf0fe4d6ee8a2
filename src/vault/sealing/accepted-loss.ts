// Checkpoints whose events are lost, which an operator accepted: the log goes on without them, and `log.restored` says so.
import { equalBytes } from '../../bytes/digest.ts';
import { leafHash } from '../../model/audit-event.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import type { Rows } from '../../ports/database.ts';

/** Whether the loss of the checkpoint of this size was accepted. */
export type AcceptedLoss = (size: number) => boolean;

/** What the newest `log.restored` names as lost: checkpoints above what came back, up to its size. */
export async function acceptedLoss(rows: Pick<Rows, 'log'>, log: string): Promise<AcceptedLoss> {
  const loss = await lossOf(rows, log);
  return loss === null ? () => false : (size) => size <= loss.size && size > loss.to + 1;
}

/** The size of the newest checkpoint whose loss was accepted, and the last event that came back then; null without a loss. */
export async function lossOf(
  { log: rows }: Pick<Rows, 'log'>,
  log: string,
): Promise<{ readonly size: number; readonly to: number } | null> {
  const { restored, size: events } = (await rows.state(log)) ?? { restored: -1, size: 0 };
  // An event of the log, which a checkpoint comes to cover: a row beside it would leave no trace.
  if (restored < 0 || restored >= events) return null;
  const [stored] = await rows.events(log, restored, 1);
  if (stored?.seq !== restored || !equalBytes(leafHash(stored.leaf), stored.hash)) return null;
  const leaf = readLeaf(stored.leaf);
  if (leaf?.action !== 'log.restored' || leaf.seq !== restored || !leaf.log.endsWith(`/${log}`)) return null;
  const { lost, to } = leaf.object;
  return typeof lost === 'number' && Number(to) < restored ? { size: lost, to: Number(to) } : null;
}
