// Checks of an access request: the first failure in a sentence, then every check in order, with the failed one boxed
// and unreached ones hollow.
import { Clock, Ellipsis, Headphones, Hourglass, Lock, Check as Tick, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import type { AccessAnswer, Check, Recording } from '../../api/types.ts';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';

type Props = { readonly answer: AccessAnswer; readonly recording: Recording; readonly purpose: string };

/** Failures that pass with time: limits of the policy. */
export const LIMIT_CODES: readonly string[] = [
  ...['outside_hours', 'daily_sessions', 'daily_minutes', 'too_many_live', 'too_many_open'],
];
/** Checks of limits that count, with the limit as their detail. */
const COUNTED: readonly string[] = ['sessions-left-today', 'minutes-left-today', 'sessions-at-once', 'open-requests'];
const SIGNED_IN: Check = { check: 'signed-in', ok: true };

export function ChecksCard({ answer, recording, purpose }: Props) {
  const { t } = useTranslation('ask');
  const { t: texts } = useTranslation('checks');
  const words = useWords();
  const detailOf = useDetail(recording, purpose);
  const title = useSentence(answer, recording);
  const checks = [SIGNED_IN, ...answer.checks];
  const counts = { passed: checks.filter(({ ok }) => ok === true).length, all: checks.length };
  const failing = checks.find(({ ok }) => ok !== true);
  // Checks that only approval passes come after it; after any other failed check nothing is evaluated.
  const idle = failing?.check === 'approval' ? words.checkCode('no_grant') : texts('idle');
  const detail = (check: Check): string => (check.ok === null && check !== failing ? idle : detailOf(check));
  const { reason } = recording.access;
  const over = answer.code === 'denied' || answer.code === 'grant_revoked';
  const Icon = answer.next === 'listen' ? Headphones : answer.next === 'wait' ? Hourglass : Lock;
  return (
    <section className="card checks-card">
      <div className="row g3 checks-head">
        <span className={`checks-icon ${answer.next}`}>
          <Icon className="i l" />
        </span>
        <div className="grow">
          <h2 aria-live="polite">{title}</h2>
          {over && reason !== null ? (
            <p className="strong">
              <UserText text={t('said', { reason })} />
            </p>
          ) : null}
          <p className="dim">{t(explanationOf(answer, recording), counts)}</p>
        </div>
      </div>
      <ol className="checks" aria-label={t('checks')}>
        {checks.map((check) => (
          <CheckLine key={check.check} check={check} isFirst={check === failing} detail={detail(check)} />
        ))}
      </ol>
    </section>
  );
}

/** Text under the sentence: the missing approval, or why a request would not help. */
function explanationOf(answer: AccessAnswer, recording: Recording) {
  const { next, code } = answer;
  const { quarantine } = recording;
  if (next === 'listen') return 'passed_all';
  if (next === 'ask') return lacksApprovers(answer) ? 'passed' : 'passed_then';
  if (next === 'wait') return 'passed';
  if (code !== null && LIMIT_CODES.includes(code)) return 'stopped_limit';
  if (isNotUploaded(code, recording)) return 'stopped_expected';
  return code === 'quarantined' && quarantine.every((why) => why === 'basis') ? 'stopped_basis' : 'stopped';
}

type LineProps = { readonly check: Check; readonly isFirst: boolean; readonly detail: string };

/** One check: passed, failed first (boxed), or not reached. */
export function CheckLine({ check, isFirst, detail }: LineProps) {
  const { t } = useTranslation('checks');
  const words = useWords();
  const waits = check.code === 'approval_pending';
  const kind = waits ? 'warn' : check.ok === true ? '' : check.ok === null ? 'idle' : isFirst ? 'bad' : 'fails';
  const Icon = waits ? Clock : check.ok === true ? Tick : check.ok === false ? X : Ellipsis;
  return (
    <li className={`ck ${kind}`}>
      <span className="st">
        <Icon className="i" />
        <span className="sr">{t(check.ok === true ? 'passed' : check.ok === false ? 'failed' : 'idle')}</span>
      </span>
      <span className="tt">{words.check(check.check)}</span>
      <span className="d">{detail}</span>
    </li>
  );
}

/** Detail at the right of a check. */
function useDetail(recording: Recording, purpose: string): (check: Check) => string {
  const { t } = useTranslation('ask');
  const words = useWords();
  const format = useFormat();
  const codeOf = useCodeText(recording);
  const { principal, tenant, sign_in } = useMe();
  const { basis } = recording;
  const passed: { readonly [check: string]: string } = {
    'signed-in':
      sign_in === null ? principal.name : t('signed_in', { name: principal.name, time: format.near(sign_in.created) }),
    'tenant-active': tenant.name,
    'recording-available': words.state(recording.state),
    'not-quarantined': t('not_quarantined'),
    'purpose-known': words.purpose(purpose),
    'role-fits-purpose': principal.roles.map(words.role).join(' · '),
    'basis-covers-purpose': basis === null || basis.kind === 'none' ? t('no_basis_needed') : words.givenBasis(basis),
    'own-grant': t('own'),
    'person-active': t('active'),
    'grant-live': t('active'),
    'grant-not-expired':
      recording.access.until === null ? '' : t('until', { time: format.near(recording.access.until) }),
  };
  const limitOf = ({ check, detail = '' }: Check): string => {
    if (check === 'within-hours') return detail;
    return COUNTED.includes(check) ? t('at_most', { most: detail }) : '';
  };
  return (check) => {
    if (check.approvals !== undefined && check.code !== 'approval_required') {
      const why = check.code === undefined ? [] : [words.checkCode(check.code)];
      return [...why, t('given', check.approvals)].join(' · ');
    }
    if (check.ok === true) return passed[check.check] ?? limitOf(check);
    if (check.code === 'quarantined')
      return t('not_passed', { why: recording.quarantine.map(words.quarantine).join(' · ') });
    if (check.code === 'basis_insufficient' && basis?.kind === 'none') return t('no_basis');
    return check.code === undefined ? '' : codeOf(check.code);
  };
}

function isNotUploaded(code: string | null, { state }: Recording): boolean {
  return code === 'recording_not_available' && state === 'expected';
}

/** Text of a failed check's code; a recording without audio says that it waits for it. */
export function useCodeText(recording: Recording): (code: string) => string {
  const { t } = useTranslation('ask');
  const words = useWords();
  return (code) => (isNotUploaded(code, recording) ? t('not_uploaded') : words.checkCode(code));
}

const NO_APPROVALS = { given: 0, needed: 1 };

function approvalsOf({ checks }: AccessAnswer) {
  return checks.find(({ approvals }) => approvals !== undefined)?.approvals ?? NO_APPROVALS;
}

/** Whether fewer people can approve than must: a request would wait until it expires. */
function lacksApprovers(answer: AccessAnswer): boolean {
  return answer.deciders.length < approvalsOf(answer).needed;
}

function useSentence(answer: AccessAnswer, recording: Recording): string {
  const { access } = recording;
  const { next, code } = answer;
  const { t } = useTranslation('ask');
  const words = useWords();
  const codeOf = useCodeText(recording);
  const name = words.person(access.decided_by?.name);
  if (next === 'listen') return t('sentence.listen');
  if (next === 'wait') {
    const { given, needed } = approvalsOf(answer);
    return t('sentence.wait', { count: Math.max(1, needed - given) });
  }
  if (next === 'ask' && lacksApprovers(answer)) return t('form.nobody');
  if (code === 'approval_required') return t('sentence.ask');
  if (code === 'denied') return t('sentence.denied', { name });
  if (code === 'grant_revoked') return t('sentence.revoked', { name });
  if (code === 'grant_expired') return t('sentence.over');
  return code === null ? t('sentence.ask') : codeOf(code);
}
