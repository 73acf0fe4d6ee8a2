// What each finding and notice of `log verify` says.
import { activity } from '../../messages/en/activity.ts';
import type { FindingCode, Notice } from '../../model/log/finding.ts';
import type { PublishedCode } from '../../model/log/published/published-check.ts';

const PUBLISHED: Readonly<Record<PublishedCode, string>> = {
  fork: 'This checkpoint is of another history: its root differs.',
  behind: 'This checkpoint has more events than the export.',
  signature: 'No trusted key signed this checkpoint, or it is of another size than its name.',
  receipt: 'The event differs from the receipt that a client kept, or is missing.',
  hash: 'The stored hash is not that of the event.',
  tile_differs: 'The tile is missing, or is not that of the events.',
};

/** Notices of a whole export, besides those of its events. */
export type ExportNoticeCode = 'unsealed' | 'before_adoption' | 'no_adoption' | 'no_address' | 'other_receipts';
export type NoticeCode = Notice['code'] | ExportNoticeCode;

const NOTICES: Readonly<Record<NoticeCode, string>> = {
  unsealed: 'Events are after the newest checkpoint: nothing proves yet that they stay.',
  before_adoption: 'Events are from before the log had checkpoints: nothing proves when they were written.',
  no_adoption: 'The log does not say when checkpoints began; the rules of older events were applied to all.',
  no_address: 'The log does not name the service’s address: the one of its first proof by passkey was taken.',
  other_receipts: 'Receipts are of other logs and were not checked.',
  approval_link:
    'Decisions were made by people named with the tenant, right after a sign-in link and without a passkey.',
  by_key: 'Decisions were made with an API key, without a passkey.',
  alone: 'Changes were made by one person because no second one could confirm yet.',
  not_by_change: 'Dangerous actions name no change that two people approved.',
  change_unsigned: 'Changes were approved without signatures by passkey in the log.',
  release_differs: 'Releases took effect for other recordings than proposed: some may no longer have been releasable.',
  self_declared: 'Events are by operators who are known only by the staff code that they typed.',
  operator_unchecked: 'Sign-ins and passkeys of operators need the deployment’s log (--deployment).',
  link_unchecked:
    'Sign-ins are by links whose copies are in the deployment’s log, which has not been compared (--deployment).',
  copy_unchecked:
    'Restores, rebuilds, corrections of the clock and changes of the key are in the deployment’s log too, which has not been compared (--deployment).',
  policy_unchecked:
    'Versions of the policy have no text in policies/: whether requests and grants are within them was not checked.',
  key_shown: 'Passkeys are from before events had their keys: the key of each is the one that its first use showed.',
  copies_unbounded:
    'Copies of subject requests were made on decisions of earlier versions, which name no officer, end or number.',
  ended_late:
    'Sessions ended, or are still open, more than ten minutes after their time: the work in the background may have stopped.',
  unknown_action: 'Events have an action that this version does not know.',
  after_rebuild: 'The index was rebuilt: recordings and uploads from before it have no events of their own here.',
  clock_corrected: 'A wrong clock was put right: events before it may have times that never were.',
  wrong_time: 'Sessions, grants and erasures are from a wrong time, which ended with a clock.corrected.',
  restored: 'Events between the bounds of a log.restored were inserted again.',
};

/** The sentence of a finding. */
export function sentenceOfFinding(code: FindingCode | PublishedCode): string {
  return Object.hasOwn(PUBLISHED, code) ? PUBLISHED[code as PublishedCode] : activity.faults[code as FindingCode];
}

/** The sentence of a notice. */
export function sentenceOfNotice(code: NoticeCode): string {
  return NOTICES[code];
}
