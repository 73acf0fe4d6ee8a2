// Looks at one recording: until when, and why, under the version in force and the one that is proposed.
import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LifetimeBody } from '../../../http/reply-types.ts';
import { fetchJson } from '../../api/client.ts';
import { can, useMe } from '../../api/current-user.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { KeptAnyway, LifetimeText } from '../../components/lifetime-text.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { recordingQuery } from '../ask/queries.ts';

type Props = {
  /** The open change to compare with; null for none. */
  readonly change: string | null;
  readonly versions: { readonly was: number | null; readonly now: number | null };
};

export function OneRecordingCard({ change, versions }: Props) {
  const { t } = useTranslation('retentionPage');
  const me = useMe();
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState<string | null>(null);
  const [isWrong, setIsWrong] = useState(false);
  const label = useId();
  const found = useQuery({
    queryKey: ['lifetime', asked, change],
    queryFn: ({ signal }) =>
      fetchJson<LifetimeBody>('GET', `/v1/recordings/${asked}/lifetime`, {
        query: { ...(change === null ? {} : { version: change }) },
        signal,
      }),
    enabled: asked !== null,
  });
  if (!can(me, 'recording.lifetime')) return null;
  const ask = (event: FormEvent): void => {
    event.preventDefault();
    const id = typed.trim();
    const isId = /^rec_[0-9a-z]{26}$/.test(id);
    setIsWrong(!isId);
    setAsked(isId ? id : null);
  };
  return (
    <section className="card pad stack g3" aria-labelledby={label}>
      <form className="row wrap g3" onSubmit={ask}>
        <h2 id={label}>{t('one')}</h2>
        <TextInput
          className="one-id"
          aria-label={t('one_label')}
          placeholder="rec_…"
          value={typed}
          error={isWrong ? t('one_wrong') : null}
          onChange={({ currentTarget: { value } }) => setTyped(value)}
        />
        <button type="submit" className="btn s">
          {t('one_show')}
        </button>
        {asked === null ? (
          <span className="mute small">{t('one_hint')}</span>
        ) : can(me, 'recording.read') ? (
          <CallFacts id={asked} />
        ) : null}
      </form>
      {found.isError && asked !== null ? (
        <ErrorCard bare error={found.error} onRetry={() => void found.refetch()} />
      ) : null}
      {found.data === undefined ? null : <Answer lifetime={found.data} versions={versions} />}
    </section>
  );
}

function Answer({ lifetime, versions }: { readonly lifetime: LifetimeBody; readonly versions: Props['versions'] }) {
  const { t } = useTranslation('retentionPage');
  const { proposed } = lifetime;
  return (
    <div aria-live="polite">
      <dl className="under">
        <div>
          <dt>{versions.was === null ? t('one_now') : t('one_under', { number: versions.was })}</dt>
          <dd>
            <LifetimeText under={lifetime.in_force} />
          </dd>
        </div>
        {proposed === null || versions.now === null ? null : (
          <div>
            <dt>{t('one_under', { number: versions.now })}</dt>
            <dd>
              <LifetimeText under={proposed} />
            </dd>
          </div>
        )}
      </dl>
      <KeptAnyway lifetime={lifetime} />
    </div>
  );
}

/** When the call was, which way and in which queue: to see that it is the one that was meant. */
function CallFacts({ id }: { readonly id: string }) {
  const format = useFormat();
  const words = useWords();
  const { data } = useQuery(recordingQuery(id));
  if (data === undefined) return null;
  const { direction, queue } = data;
  const facts = [
    format.dateTime(data.started_at),
    ...(direction === null ? [] : [words.direction(direction)]),
    ...(queue === null ? [] : [queue]),
  ];
  return (
    <span className="mute small">
      <UserText text={facts.join(' · ')} />
    </span>
  );
}
