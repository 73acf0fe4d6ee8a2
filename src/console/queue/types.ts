// What the service says of assigned calls.
import type { QueueBody, QueueItemBody } from '../../http/reply-types.ts';

/** How far a call is. `started`: listened to and not finished, even after its clock has ended. */
export type Work = QueueItemBody['work'];

/** A call of the queue, with the head of its batch. */
export type QueuedCall = QueueItemBody & { readonly batch: NonNullable<QueueItemBody['batch']> };

export type Queue = Omit<QueueBody, 'data'> & { readonly data: readonly QueuedCall[] };
