// Whole-page errors: missing, forbidden, erased, broken.
import { Link } from '@tanstack/react-router';
import { CircleAlert, FileQuestionMark, Lock, Trash2, WifiOff } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { onOnline } from '../api/online.ts';
import { problemOf } from '../api/problem.ts';
import { StateCard } from './state-card.tsx';
import { useTitle } from './use-title.ts';

export type ErrorKind = 'not_found' | 'forbidden' | 'gone' | 'broken';

const ICONS = { not_found: FileQuestionMark, forbidden: Lock, gone: Trash2, broken: CircleAlert };

export function ErrorPage({
  kind,
  requestId = null,
}: {
  readonly kind: ErrorKind;
  readonly requestId?: string | null;
}) {
  const { t } = useTranslation();
  useTitle(t(`pages.${kind}`));
  const action =
    kind === 'broken' ? (
      <button type="button" className="btn s" onClick={() => location.reload()}>
        {t('pages.reload')}
      </button>
    ) : (
      <Link to="/" className="btn s">
        {t('pages.home')}
      </Link>
    );
  const tone = kind === 'broken' ? 'no' : 'plain';
  return (
    <div className="page center">
      <StateCard
        level={1}
        icon={ICONS[kind]}
        title={t(`pages.${kind}`)}
        tone={tone}
        action={action}
        requestId={requestId}
      >
        {t(`pages.${kind}_text`)}
      </StateCard>
    </div>
  );
}

/** Page for an error that stopped another page. */
export function ErrorPageFor({ error }: { readonly error: unknown }) {
  const problem = problemOf(error);
  if (problem?.code === 'offline') return <OfflinePage />;
  const kinds: { readonly [status: number]: ErrorKind } = { 403: 'forbidden', 404: 'not_found', 410: 'gone' };
  return <ErrorPage kind={kinds[problem?.status ?? 0] ?? 'broken'} requestId={problem?.requestId ?? null} />;
}

/** Has no action: the page recovers when the connection returns. */
function OfflinePage() {
  const { t } = useTranslation();
  useTitle(t('state.offline'));
  useEffect(() => onOnline(() => location.reload()), []);
  return (
    <div className="page center">
      <StateCard level={1} icon={WifiOff} title={t('state.offline')} tone="wait">
        {t('state.loads_again')}
      </StateCard>
    </div>
  );
}

/** Page for an unknown address. */
export function NotFound() {
  return <ErrorPage kind="not_found" />;
}
