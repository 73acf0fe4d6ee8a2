// What the policy says of an assignment, check by check, and why single calls cannot be assigned.
import { Ellipsis, Info, Check as Tick, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Check } from '../../api/types.ts';
import { useCallName } from '../../components/call-name.ts';
import { useDays } from '../../i18n/use-days.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { CallToAssign } from '../../state/to-assign.ts';
import type { CheckedBatch } from './types.ts';
import type { RefusedCall } from './use-assign.ts';

const CHECKS = [
  ...(['assignable', 'due', 'calls-allowed', 'your-queues', 'reviewers-allowed', 'training'] as const),
  ...(['maker-no-reviewer', 'daily-limits', 'clock'] as const),
];
type Name = (typeof CHECKS)[number];

/** The day limits hold at each listen: they advise here. */
const ADVICE: readonly string[] = ['daily-limits'];

type Props = { readonly checked: CheckedBatch; readonly purpose: string; readonly count: number };

export function BatchChecks({ checked: { checks }, purpose, count }: Props) {
  const { t } = useTranslation('assignments');
  const words = useWords();
  const detailOf = useDetail();
  return (
    <section className="asg-checks">
      <h3 className="asg-checks-title">{t('policy')}</h3>
      <ol className="checks">
        {checks.map((check) => {
          const name = CHECKS.find((known) => known === check.check);
          const facts = { count, purpose: words.aPurpose(purpose) };
          return (
            <Line
              key={check.check}
              check={check}
              text={name === undefined ? check.check : t(`check.${name}`, facts)}
              detail={name === undefined ? '' : detailOf(name, check)}
            />
          );
        })}
      </ol>
    </section>
  );
}

function Line({ check, text, detail }: { readonly check: Check; readonly text: string; readonly detail: string }) {
  const { t } = useTranslation('checks');
  const { ok } = check;
  const advises = ok === false && ADVICE.includes(check.check);
  const Icon = advises ? Info : ok === true ? Tick : ok === false ? X : Ellipsis;
  return (
    <li className={`ck ${advises ? 'warn' : ok === true ? '' : ok === false ? 'fails' : 'idle'}`}>
      <span className="st">
        <Icon className="i" />
        <span className="sr">{t(ok === true ? 'passed' : ok === false ? 'failed' : 'idle')}</span>
      </span>
      <span className="tt">{text}</span>
      <span className="d">{detail}</span>
    </li>
  );
}

function useDetail(): (name: Name, check: Check) => string {
  const { t } = useTranslation('assignments');
  const words = useWords();
  const { date } = useDays();
  return (name, { ok, code, detail = '' }) => {
    if (name === 'daily-limits') {
      const [calls = '-', minutes = '-'] = detail.split(',').map((part) => part.trim());
      const limits = [
        ...(calls === '-' ? [] : [t('limit_calls', { calls })]),
        ...(minutes === '-' ? [] : [t('limit_minutes', { minutes })]),
      ];
      return limits.length === 0 ? t('no_limit') : limits.join(t('join'));
    }
    if (ok === null) return t('not_yet');
    if (ok === false) {
      const why = code === undefined ? '' : words.assignmentCode(code);
      const isCount = name === 'calls-allowed' || name === 'reviewers-allowed';
      return isCount && detail !== '' ? t('fails', { count: Number(detail), why }) : why;
    }
    if (name === 'clock') return t('longest', { minutes: detail });
    if (name === 'training') return detail === '' ? t('no_training') : t('trained', { day: date(detail) });
    return name === 'due' ? t('within', { days: detail }) : '';
  };
}

type CallsProps = { readonly calls: readonly CallToAssign[]; readonly refused: readonly RefusedCall[]; title: string };

/** Calls that cannot be assigned, each with why. */
export function RefusedCalls({ calls, refused, title }: CallsProps) {
  const words = useWords();
  const callName = useCallName();
  if (refused.length === 0) return null;
  return (
    <div className="asg-refused" role="status">
      <p className="no m">{title}</p>
      <ul className="stack g1">
        {refused.map(({ recording, code }) => {
          const facts = calls.find((call) => call.recording === recording)?.facts ?? null;
          return (
            <li key={recording} className="small">
              {facts === null ? recording : callName(facts)}: <span className="no">{words.assignmentCode(code)}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
