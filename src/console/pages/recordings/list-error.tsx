// The list could not be loaded, or the person has searched by too many numbers that no recording has.
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../../api/problem.ts';
import { serverNow } from '../../api/server-clock.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useFormat } from '../../i18n/use-format.ts';

type Props = {
  readonly error: unknown;
  /** When it failed, by this machine's clock. */
  readonly at: number;
  readonly onRetry: () => void;
};

/** The error in place of the list; for a used-up search budget, when searching is possible again. */
export function ListError({ error, at, onRetry }: Props) {
  const { t } = useTranslation('recordings');
  const format = useFormat();
  const problem = problemOf(error);
  if (problem?.code !== 'too_many_searches') return <ErrorCard error={error} title={t('error')} onRetry={onRetry} />;
  const again = serverNow() + (at - Date.now()) + (problem.retryAfter ?? 0) * 1000;
  return (
    <StateCard icon={TriangleAlert} tone="no" title={t('limited.title')} requestId={problem.requestId}>
      {t('limited.text', { time: format.near(new Date(again).toISOString()) })}
    </StateCard>
  );
}
