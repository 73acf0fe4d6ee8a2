// JSON views of batches and assigned grants.
import type { WorkTotals } from '../model/batch.ts';
import type { AssignedBatch } from '../vault/assignments/assign.ts';
import type { CheckedBatch } from '../vault/assignments/check-batch.ts';
import type { QueueView } from '../vault/assignments/my-queue.ts';
import type { Assignment } from '../vault/assignments/plan.ts';
import type { BatchView } from '../vault/assignments/read-batches.ts';
import type { WorkView } from '../vault/assignments/views.ts';
import { grantViewToJson } from './access-json.ts';

/** What a check of an assignment found. */
export function checkedBatchToJson({ policy, assignments, reviewers, checks }: CheckedBatch) {
  return {
    policy,
    grants: assignments.map(({ recording, reviewer, minutes, code, insteadOf }) => ({
      ...{ recording, reviewer, minutes, code, instead_of: insteadOf },
    })),
    reviewers: reviewers.map(({ trainedUntil, ...one }) => ({ ...one, trained_until: trainedUntil })),
    checks,
  };
}

/** The replaced grant of an assignment, where there is one. */
export function insteadOfJson({ insteadOf }: Pick<Assignment, 'insteadOf'>) {
  return insteadOf === null ? {} : { instead_of: insteadOf };
}

/** A batch as it was made, with what came of each recording. */
export function assignedToJson({ batch, outcomes }: Omit<AssignedBatch, 'receipt'>) {
  const { id, state, purpose, objects, due, created } = batch;
  return {
    ...{ id, state: state.toLowerCase(), purpose, objects, due, created },
    outcomes: outcomes.map(({ code, ...one }) => ({ ...one, outcome: code === null ? 'assigned' : 'refused', code })),
  };
}

/** A batch with its progress. */
export function batchToJson({ batch, maker, reason, totals, reviewers }: BatchView) {
  const { id, state, purpose, objects, due, created, closed } = batch;
  return {
    ...{ id, state: state.toLowerCase(), purpose, objects, reason, due, created, maker, closed },
    totals: totalsToJson(totals),
    reviewers: reviewers.map(({ id: reviewer, name, trainedUntil, minutes, ...counts }) => ({
      ...{ id: reviewer, name, trained_until: trainedUntil, ...totalsToJson(counts), minutes },
    })),
  };
}

/** An assigned grant as work. */
export function workToJson({ work, ...view }: WorkView) {
  const { state, at, reason, heardPercent } = work;
  return { ...grantViewToJson(view), work: { state, at, reason, heard_percent: heardPercent } };
}

/** One call of a queue. */
export function queueItemToJson({ batch: ref, ...view }: QueueView['items'][number]) {
  const batch =
    ref === null
      ? null
      : { id: ref.batch.id, maker: ref.maker, reason: ref.reason, due: ref.batch.due, created: ref.batch.created };
  return { ...workToJson(view), batch };
}

/** Counts of work. */
function totalsToJson({ total, done, returned, expired, open }: WorkTotals) {
  return { total, done, returned, expired, open };
}
