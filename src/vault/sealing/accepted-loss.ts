// Checkpoints whose events are lost, which an operator accepted: the log goes on without them, and `log.restored` says so.
import { readLeaf } from '../../model/log/leaf.ts';
import type { Rows } from '../../ports/database.ts';

/** Whether the loss of the checkpoint of this size was accepted. */
export type AcceptedLoss = (size: number) => boolean;

/** What the newest `log.restored` names as lost: checkpoints above what came back, up to its size. */
export async function acceptedLoss({ log: rows }: Pick<Rows, 'log'>, log: string): Promise<AcceptedLoss> {
  const restored = (await rows.state(log))?.restored ?? -1;
  const [stored] = restored < 0 ? [] : await rows.events(log, restored, 1);
  const leaf = stored?.seq === restored ? readLeaf(stored.leaf) : null;
  if (leaf?.action !== 'log.restored') return () => false;
  const { lost, to } = leaf.object;
  return (size) => typeof lost === 'number' && size <= lost && size > Number(to) + 1;
}
