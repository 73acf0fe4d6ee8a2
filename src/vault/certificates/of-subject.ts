// The certificate of what was erased because a person asked for it, and of what stays.
import { VaultError } from '../../errors.ts';
import type { StoredEvent } from '../../model/audit-event.ts';
import type { CertifiedStay } from '../../model/log/certificate/certificate.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased } from '../../model/recording.ts';
import { FOR_EVER } from '../../model/retention/period.ts';
import { MAX_MATCHES, type SubjectMatch, type SubjectRequest } from '../../model/subject/request.ts';
import type { Rows } from '../../ports/database.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type SurveyContext, surveyContext, surveyRecording } from '../subjects/survey.ts';
import { noSubject } from '../subjects/view.ts';
import { type IssuedCertificate, issueCertificate } from './issue.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'signer' | 'metadataKeys'>;

/** Recordings of one read. */
const PAGE = 100;

/**
 * Issues the certificate of a request: of what its decision erased, also later, once nothing kept it, and of what stays.
 * Throws `not_found`, `conflict` where it erased nothing yet, and as `issueCertificate`.
 */
export async function issueSubjectCertificate(
  vault: Deps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<IssuedCertificate> {
  const { metadataKey, tenant } = await activeTenantAndKey(vault, by.tenant, request);
  const events = new Map<number, StoredEvent>();
  const stays: CertifiedStay[] = [];
  for (let [after, page] = ['', PAGE]; page === PAGE; ) {
    const found = await vault.db.read(async (rows) => {
      const row = await rows.subjects.find(by.tenant, id);
      if (row === null) throw noSubject();
      const matches = await rows.subjects.matches(by.tenant, id, after, PAGE);
      const context = await surveyContext(rows, metadataKey, tenant);
      for (const match of matches) {
        const began = await erasingOf(rows, match);
        if (began !== null) events.set(began.seq, began);
        const stay = await stayOf(rows, context, row, match);
        if (stay !== null) stays.push(stay);
      }
      return matches;
    }, request);
    [after, page] = [found.at(-1)?.recording ?? '', found.length];
    if (events.size + stays.length > MAX_MATCHES) break;
  }
  if (events.size === 0) throw new VaultError('conflict', 'this request has erased nothing yet');
  return issueCertificate(vault, by, { events: [...events.values()], stays, cause: id }, request);
}

/** The event that erased a recording because of this request; null where another did, or none. */
async function erasingOf(
  { erasures, log }: Pick<Rows, 'erasures' | 'log'>,
  { tenant, recording, request }: SubjectMatch,
): Promise<StoredEvent | null> {
  const erasure = await erasures.find(tenant, recording);
  if (erasure === null) return null;
  const [began] = await log.events(tenant, erasure.seq, 1);
  return began?.seq === erasure.seq && readLeaf(began.leaf)?.object['cause'] === request ? began : null;
}

/** What keeps a recording that was asked to be erased; null where it is none, or nothing does any more. */
async function stayOf(
  rows: Rows,
  context: SurveyContext,
  row: SubjectRequest,
  match: SubjectMatch,
): Promise<CertifiedStay | null> {
  if (match.outcome !== 'later' && match.outcome !== 'held') return null;
  const recording = await rows.recordings.find(match.tenant, match.recording);
  if (recording === null || isErased(recording)) return null;
  const surveyed = await surveyRecording(rows, context, row, recording);
  if (surveyed === null) return null;
  if (surveyed.deciding.holds > 0) return { recording: recording.id, held: true };
  const { keep } = surveyed.lifetime;
  if (keep === null) return null;
  return { recording: recording.id, held: false, until: keep.until ?? FOR_EVER, rule: keep.rule };
}
