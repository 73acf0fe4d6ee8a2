// Recording without a session: a grant that can be opened, or the failed checks and the next step.
import { useQuery } from '@tanstack/react-query';
import { Headphones, Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { policyQuery } from '../../api/queries.ts';
import type { Recording } from '../../api/types.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { KeptDraft } from '../../player/states/state-cards.tsx';
import { RequestAccess } from '../ask/page.tsx';

/** Live grant before its use: opening a session takes one use, so only a person starts it. */
export function GrantReadyCard({ recording, onOpen }: { readonly recording: Recording; readonly onOpen: () => void }) {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const words = useWords();
  const until = recording.access?.until ?? null;
  const purpose = words.purpose(recording.access?.purpose ?? '');
  const action = (
    <button type="button" className="btn p" onClick={onOpen}>
      <Play className="i s fill" />
      {t('locked.listen')}
    </button>
  );
  return (
    <>
      <StateCard icon={Headphones} title={t('locked.may')} action={action}>
        {until === null ? t('locked.may_plain') : t('locked.may_text', { time: format.near(until), purpose })}
      </StateCard>
      <PlaceholderLanes />
      <KeptDraft recording={recording.id} />
    </>
  );
}

/** Decorative lanes without data: no call content is on the page yet. */
export function PlaceholderLanes() {
  const { t } = useTranslation('recording');
  return (
    <section className="card flat">
      <span className="flat-lane" aria-hidden="true" />
      <p>{t('flat')}</p>
      <span className="flat-lane" aria-hidden="true" />
    </section>
  );
}

/** Checks and the next step for a recording without access. */
export function AccessNeededCard({ recording }: { readonly recording: Recording }) {
  const policy = useQuery(policyQuery);
  if (policy.error !== null) return <ErrorCard error={policy.error} onRetry={() => void policy.refetch()} />;
  return policy.data === undefined ? (
    <Skeleton shape="lines" />
  ) : (
    <RequestAccess recording={recording} policy={policy.data} />
  );
}
