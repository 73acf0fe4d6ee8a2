// What the service says of assigned calls.
import type { QueueBody, QueueItemBody } from '../../http/reply-types.ts';

/** A call of the queue, with the head of its batch; `started` stays its state after its clock has ended. */
export type QueuedCall = QueueItemBody & { readonly batch: NonNullable<QueueItemBody['batch']> };

export type Queue = Omit<QueueBody, 'data'> & { readonly data: readonly QueuedCall[] };
