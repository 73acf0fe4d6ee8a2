// The mappings of tables whose columns are their noun's members, some of them in another form.
import type { AccessRequest, Decision, Grant } from '../../model/access.ts';
import type { Batch } from '../../model/batch.ts';
import type { Change } from '../../model/change/change.ts';
import type { HeldRecording, Hold } from '../../model/hold.ts';
import type { ApiKey, Principal } from '../../model/principal.ts';
import type { Recording, RecordingSummary } from '../../model/recording.ts';
import type { Passkey } from '../../model/sign-in.ts';
import type { SubjectMatch, SubjectRequest } from '../../model/subject/request.ts';
import type { TeamMember } from '../../model/team/team.ts';
import type { AmendmentRow } from '../../ports/rows/amendment-rows.ts';
import type { Withdrawal } from '../../ports/rows/consent-rows.ts';
import { mapped } from './mapping.ts';

export const requests = mapped<AccessRequest>({ objects: 'list' });
export const decisions = mapped<Decision>({ objects: 'list?' });
export const grants = mapped<Grant>({ objects: 'list' });
export const batches = mapped<Batch>({ objects: 'list' });
export const changes = mapped<Change>({ byCommand: 'flag' });
export const holds = mapped<Hold>({ continuing: 'flag', damaged: 'flag', settled: 'flag' });
export const heldRecordings = mapped<HeldRecording>({ lifted: 'flag' });
export const principals = mapped<Principal>({ roles: 'list', owners: 'list', first: 'flag' });
export const apiKeys = mapped<ApiKey>({ scopes: 'list' });
export const passkeys = mapped<Passkey>({ transports: 'list' });
export const subjectRequests = mapped<SubjectRequest>({ kinds: 'list' });
export const subjectMatches = mapped<SubjectMatch>({ holds: 'flag' });
export const teamMembers = mapped<TeamMember>({ lead: 'flag' });
export const amendments = mapped<AmendmentRow>({ stored: 'flag' });
export const withdrawals = mapped<Withdrawal>({ purposes: 'list' });
export const recordings = mapped<Recording>({ described: 'flag', differs: 'list', quarantine: 'list' });

/** The columns of a summary. */
export const SUMMARY_COLUMNS = [
  ...(['tenant', 'id', 'state', 'startedAt', 'durationMs', 'direction'] as const),
  ...(['channels', 'language', 'sensitivity', 'quarantine', 'facts'] as const),
] as const satisfies readonly (keyof RecordingSummary)[];

/** Of what a list shows of a recording. */
export const summaries = mapped<RecordingSummary>({ quarantine: 'list' });
