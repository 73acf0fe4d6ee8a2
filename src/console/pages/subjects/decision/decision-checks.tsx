// The checks of a decision: identity, an outcome for every recording, holds and laws, and the second person.
import { Check, Clock, Ellipsis, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { UserText } from '../../../components/user-text.tsx';
import { useFormat } from '../../../i18n/use-format.ts';
import { useWords } from '../../../i18n/use-words.ts';
import type { SubjectRequest } from '../../../subjects/types.ts';

type Mark = 'ok' | 'bad' | 'idle' | 'warn';
const MARKS = {
  ok: { icon: Check, className: 'ck', text: 'decision.passed' },
  bad: { icon: X, className: 'ck fails', text: 'decision.failed' },
  idle: { icon: Ellipsis, className: 'ck idle', text: 'decision.waits' },
  warn: { icon: Clock, className: 'ck warn', text: 'decision.waits' },
} as const;

type Props = {
  readonly request: SubjectRequest;
  /** How many recordings have an outcome, and how many have one that a hold or law does not allow. */
  readonly decided: number;
  readonly impossible: number;
  /** When that was read, in milliseconds. */
  readonly checkedAt: number;
};

export function DecisionChecks({ request, decided, impossible, checkedAt }: Props) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const words = useWords();
  const { identity, searched, recordings } = request;
  const numbers = { decided: format.number(decided), found: format.number(recordings.found) };
  const isFull = decided === recordings.found;
  const checks: readonly (readonly [name: 'identity' | 'outcomes' | 'rules' | 'approval', mark: Mark, text: string])[] =
    [
      identity === null
        ? ['identity', 'idle', t('decision.not_yet')]
        : [
            'identity',
            'ok',
            t('decision.identity', { day: format.dayMonth(identity.at), name: words.person(identity.by_name) }),
          ],
      searched === null
        ? ['outcomes', 'idle', t('decision.not_yet')]
        : ['outcomes', isFull ? 'ok' : 'bad', t('decision.outcomes', numbers)],
      searched === null
        ? ['rules', 'idle', t('decision.not_yet')]
        : impossible === 0
          ? ['rules', 'ok', t('decision.at', { time: format.time(new Date(checkedAt).toISOString()) })]
          : ['rules', 'bad', t('decision.impossible', { count: impossible })],
      ['approval', 'warn', t('decision.not_sent')],
    ];
  return (
    <ol className="checks" aria-label={t('decision.checks')}>
      {checks.map(([name, mark, text]) => {
        const { icon: Icon, className, text: said } = MARKS[mark];
        return (
          <li key={name} className={className}>
            <span className="st">
              <Icon className="i" />
              <span className="sr">{t(said)}</span>
            </span>
            <span className="tt">{t(`decision.check.${name}`)}</span>
            <span className="d">
              <UserText text={text} />
            </span>
          </li>
        );
      })}
    </ol>
  );
}
