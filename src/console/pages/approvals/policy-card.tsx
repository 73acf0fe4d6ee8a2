// What policy says about this decision, check by check; the last of them is the decider.
import { Clock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Check, OneAccessRequest } from '../../api/types.ts';
import { useWords } from '../../i18n/use-words.ts';
import { CheckLine } from '../ask/checks-card.tsx';
import { givenOf } from './queue.ts';

/** The decider's passkey is asked for at the moment of deciding: until then it is no failing. */
const LAST = 'step-up';

/** The checks that stand against deciding. */
export function obstaclesOf({ checks }: Pick<OneAccessRequest, 'checks'>): readonly Check[] {
  return (checks ?? []).filter(({ check, ok }) => ok !== true && check !== LAST);
}

export function PolicyCard({ request }: { readonly request: OneAccessRequest }) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  const checks = (request.checks ?? []).filter(({ check }) => check !== LAST);
  const failing = checks.find(({ ok }) => ok === false);
  const [given, needed] = [givenOf(request), request.approvals_needed];
  const open = request.state === 'requested' && failing === undefined;
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
        {checks.map((check) => (
          <CheckLine
            key={check.check}
            check={check}
            isFirst={check === failing}
            detail={check.ok === true || check.code === undefined ? '' : words.checkCode(check.code)}
          />
        ))}
        {open ? (
          <li className="ck warn">
            <span className="st">
              <Clock className="i" />
            </span>
            <span className="tt">{t('your_approval')}</span>
            <span className="d">{t('waiting_for_you')}</span>
          </li>
        ) : null}
      </ol>
    </section>
  );
}
