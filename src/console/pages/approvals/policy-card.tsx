// Policy checks of this decision, one by one; the last ones are about the approver.
import { Clock, type LucideIcon, Check as Tick } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import type { Check, OneAccessRequest } from '../../api/types.ts';
import { useWords } from '../../i18n/use-words.ts';
import { CheckLine } from '../ask/checks-card.tsx';
import { approvalCount } from './queue.ts';

/** The approver's passkey is asked for when they decide; until then this check has not failed. */
const DECIDER_CHECK = 'proof';

/** Checks that prevent a decision. */
export function failedChecks({ checks }: Pick<OneAccessRequest, 'checks'>): readonly Check[] {
  return (checks ?? []).filter(({ check, ok }) => ok !== true && check !== DECIDER_CHECK);
}

/** Checks of the recording, combined in one row while all pass. */
const RECORDING_CHECKS = [
  'tenant-active',
  'recording-available',
  'not-quarantined',
  'purpose-known',
  'role-fits-purpose',
];
/** Checks hidden when passed: the page shows the request only if they pass. */
const HIDDEN_WHEN_PASSED = ['request-open', 'request-not-expired', 'requester-active', 'approver-is-person'];

function visibleChecks(checks: readonly Check[]): readonly Check[] {
  const recording = [...RECORDING_CHECKS, 'basis-covers-purpose'];
  const allow = checks.every(({ check, ok }) => ok === true || !recording.includes(check));
  return checks.filter(({ check, ok }) => {
    if (check === DECIDER_CHECK) return false;
    return ok !== true || !(HIDDEN_WHEN_PASSED.includes(check) || (allow && recording.includes(check)));
  });
}

export function PolicyCard({ request }: { readonly request: OneAccessRequest }) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  const { principal } = useMe();
  const all = request.checks ?? [];
  const checks = visibleChecks(all);
  const failing = all.find(({ check, ok }) => ok === false && check !== DECIDER_CHECK);
  const [given, needed] = [approvalCount(request), request.approvals_needed];
  const open = request.state === 'requested' && failing === undefined;
  const passed: { readonly [check: string]: string } = {
    'another-person': t('other_asks', { name: words.person(request.requester_name) }),
    'approver-role': principal.roles.map(words.role).join(' · '),
  };
  const allows = all.length > 0 && !checks.some(({ check }) => RECORDING_CHECKS.includes(check));
  return (
    <section className="card policy">
      <div className="row">
        <h2>{t('policy')}</h2>
        <span className="grow" />
        <span className="dim">
          {needed > 1 ? t('needs', { needed, given }) : t('needs_approvals', { count: needed })}
        </span>
      </div>
      <ol className="checks">
        {allows ? (
          <Line icon={Tick} kind="" text={t('recording_allows')} detail={words.purpose(request.purpose)} />
        ) : null}
        {checks.map((check) => (
          <CheckLine
            key={check.check}
            check={check}
            isFirst={check === failing}
            detail={check.ok === true ? (passed[check.check] ?? '') : words.checkCode(check.code ?? '')}
          />
        ))}
        {open ? <Line icon={Clock} kind="warn" text={t('your_approval')} detail={t('waiting_for_you')} /> : null}
      </ol>
    </section>
  );
}

type LineProps = { readonly icon: LucideIcon; readonly kind: string; readonly text: string; readonly detail: string };

function Line({ icon: Icon, kind, text, detail }: LineProps) {
  return (
    <li className={`ck ${kind}`}>
      <span className="st">
        <Icon className="i" />
      </span>
      <span className="tt">{text}</span>
      <span className="d">{detail}</span>
    </li>
  );
}
