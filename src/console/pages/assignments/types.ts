// What the service says of batches of assigned calls, under the names that the page uses.
import type {
  AssignedBody,
  BatchBody,
  BatchViewBody,
  CheckedBatchBody,
  OpenedBatchBody,
  ReviewerBody,
} from '../../../http/reply-types.ts';

/** Someone to whom calls can be assigned. */
export type PossibleReviewer = ReviewerBody;
/** A call to assign; `instead_of` is the grant that it replaces. */
export type WantedCall = { readonly recording: string; readonly reviewer?: string; readonly instead_of?: string };
export type CheckedBatch = CheckedBatchBody;
export type OpenedBatch = OpenedBatchBody;
export type MadeBatch = AssignedBody;
export type Batch = BatchBody;
export type BatchReviewer = BatchBody['reviewers'][number];
export type OneBatch = BatchViewBody;
