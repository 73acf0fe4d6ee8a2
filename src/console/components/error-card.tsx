// Failed call in words: what failed, that nothing was changed, and a retry where it can help.
import { RefreshCw, TriangleAlert, WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isHeld, problemOf } from '../api/problem.ts';
import { useWords } from '../i18n/use-words.ts';
import { noResponseText } from './notify.ts';
import { StateCard } from './state-card.tsx';

type Props = {
  readonly error: unknown;
  readonly title?: string;
  readonly onRetry?: (() => void) | undefined;
  readonly bare?: boolean;
};

export function ErrorCard({ error, title, onRetry, bare = false }: Props) {
  const { t } = useTranslation();
  const text = useProblemText()(error);
  // A retry never helps with a missing permission or a malformed request.
  const isFinal = [400, 403].includes(problemOf(error)?.status ?? 0);
  const isOffline = problemOf(error)?.code === 'offline';
  const again =
    onRetry === undefined || isFinal ? undefined : (
      <button type="button" className="btn s" onClick={onRetry}>
        <RefreshCw className="i s" />
        {t('state.try_again')}
      </button>
    );
  return (
    <StateCard
      icon={isOffline ? WifiOff : TriangleAlert}
      tone={isOffline ? 'wait' : 'no'}
      bare={bare}
      title={isHeld(error) ? t('held.title') : (title ?? t('state.not_loaded'))}
      action={again}
      requestId={problemOf(error)?.requestId ?? null}
    >
      {text}
      {isOffline ? ` ${t('state.loads_again')}` : null}
    </StateCard>
  );
}

/** Text of an error in the current language. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useTranslation();
  const words = useWords();
  return (error) => {
    const problem = problemOf(error);
    if (problem === null || problem.status === 0) return t(noResponseText(problem?.code ?? ''));
    if (problem.held !== null)
      return [problem.held, 'until' as const].map((name) => t(`held.${name}`)).join(t('held.join'));
    if (problem.code === 'too_many_searches') {
      const paused = t('state.lookups_paused', { minutes: Math.ceil((problem.retryAfter ?? 0) / 60) });
      return `${paused}${t('held.join')}${t('state.nothing_changed')}`;
    }
    const sentence = problem.cause ?? words.problem(problem.code) ?? problem.title;
    return `${sentence}${/[.。]$/.test(sentence) ? '' : t('state.stop')}${t('state.nothing_changed')}`;
  };
}
