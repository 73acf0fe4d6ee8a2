// Checkpoints whose events are lost, which an operator accepted: the log goes on without them, and `log.restored` says so.
import { equalBytes } from '../../bytes/digest.ts';
import { leafHash } from '../../model/audit-event.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import type { Rows } from '../../ports/database.ts';

/** Whether the loss of the checkpoint of this size was accepted. */
export type AcceptedLoss = (size: number) => boolean;

/** What the newest `log.restored` names as lost: checkpoints above what came back, up to its size. */
export async function acceptedLoss({ log: rows }: Pick<Rows, 'log'>, log: string): Promise<AcceptedLoss> {
  const { restored, size: events } = (await rows.state(log)) ?? { restored: -1, size: 0 };
  // An event of the log, which a checkpoint comes to cover: a row beside it would leave no trace.
  if (restored < 0 || restored >= events) return () => false;
  const [stored] = await rows.events(log, restored, 1);
  if (stored?.seq !== restored || !equalBytes(leafHash(stored.leaf), stored.hash)) return () => false;
  const leaf = readLeaf(stored.leaf);
  if (leaf?.action !== 'log.restored' || leaf.seq !== restored || !leaf.log.endsWith(`/${log}`)) return () => false;
  const { lost, to } = leaf.object;
  if (!(Number(to) < restored)) return () => false;
  return (size) => typeof lost === 'number' && size <= lost && size > Number(to) + 1;
}
