// The newest signed checkpoint of the log, and its comparison with the events, in this browser.
import { sha256 } from '@noble/hashes/sha2.js';
import { type Checkpoint, readCheckpoint } from '../../../../model/log/checkpoint.ts';
import { readNote } from '../../../../model/log/note.ts';
import { createEdge } from '../../../../model/log/tree/edge.ts';
import { send } from '../../../api/client.ts';
import { problemOf } from '../../../api/problem.ts';

/** How the events compare with the checkpoint: same root, another one, or fewer events than it has. */
export type Sealed = { readonly size: number; readonly fault: 'fork' | 'behind' | null };

/** The newest checkpoint; null while the log has none. Its signature is not verified: a key from this server proves nothing. */
export async function newestCheckpoint(signal: AbortSignal): Promise<Checkpoint | null> {
  try {
    const reply = await send('GET', '/v1/audit/log/checkpoint', { signal });
    return readCheckpoint(readNote(await reply.text())?.text ?? '');
  } catch (error) {
    // Not sealed yet, or by no signer.
    if (['not_sealed', 'not_available'].includes(problemOf(error)?.code ?? '')) return null;
    throw error;
  }
}

/** The proof that the sealed log has an event, as C2SP tlog-proof text. Throws the problem `not_sealed` where it is too new. */
export async function proofOf(index: number, hash: string): Promise<string> {
  return (await send('GET', '/v1/audit/proof', { query: { index, hash } })).text();
}

/** A comparison that takes the hashes of all events in order. */
export function createComparison({ size, root }: Checkpoint) {
  const edge = createEdge(sha256);
  let sealed: Sealed = { size, fault: 'behind' };
  return {
    add: (hash: Uint8Array): void => {
      if (edge.size() >= size) return;
      edge.add(hash);
      if (edge.size() === size) sealed = { size, fault: isSame(edge.root(), root) ? null : 'fork' };
    },
    sealed: (): Sealed => sealed,
  };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
