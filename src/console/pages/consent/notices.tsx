// The notices that callers hear: the newest version of each in its languages, earlier ones to unfold.
import { useQuery } from '@tanstack/react-query';
import { Megaphone } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { AddText } from './add-notice.tsx';
import { type Notice, type NoticeVersion, noticesOf } from './notices-by-id.ts';
import { noticesQuery } from './queries.ts';

export function Notices() {
  const { t } = useTranslation('consent');
  const changes = can(useMe(), 'basis.change');
  const { data, error, isPending, refetch } = useQuery(noticesQuery);
  const notices = noticesOf(data?.data ?? []);
  return (
    <section className="card list-card" aria-label={t('notices')}>
      <div className="list-head">
        <h2>{t('notices')}</h2>
        <span className="mute small">{t('notices_hint')}</span>
        <span className="grow" />
        {changes ? <AddText of={null} label={t('new_notice')} title={t('new_notice_title')} /> : null}
      </div>
      {isPending ? <Skeleton rows={3} /> : null}
      {error !== null && data === undefined ? (
        <ErrorCard bare error={error} title={t('error_notices')} onRetry={() => void refetch()} />
      ) : null}
      {data !== undefined && notices.length === 0 ? (
        <StateCard bare icon={Megaphone} title={t('no_notices')}>
          {t(changes ? 'no_notices_text' : 'no_notices_read')}
        </StateCard>
      ) : null}
      <ul className="ntc-list">
        {notices.map((notice) => (
          <OneNotice key={notice.id} notice={notice} changes={changes} />
        ))}
      </ul>
    </section>
  );
}

function OneNotice({ notice, changes }: { readonly notice: Notice; readonly changes: boolean }) {
  const { t } = useTranslation('consent');
  const [newest, ...earlier] = notice.versions;
  if (newest === undefined) return null;
  return (
    <li className="stack g3">
      <Version id={notice.id} version={newest} />
      {changes ? (
        <div className="row wrap">
          <AddText of={{ notice: notice.id }} label={t('new_version')} title={t('new_version_title')} />
          <AddText
            of={{ notice: notice.id, version: newest.version }}
            label={t('new_language')}
            title={t('new_language_title', { version: newest.version })}
          />
        </div>
      ) : null}
      {earlier.length === 0 ? null : (
        <details>
          <summary>{t('earlier', { count: earlier.length })}</summary>
          <div className="stack g3 earlier">
            {earlier.map((version) => (
              <Version key={version.version} id={notice.id} version={version} />
            ))}
          </div>
        </details>
      )}
    </li>
  );
}

function Version({
  id,
  version: { version, created, texts },
}: {
  readonly id: string;
  readonly version: NoticeVersion;
}) {
  const { t } = useTranslation('consent');
  const format = useFormat();
  const words = useWords();
  const name = `${id}/${version}`;
  return (
    <div className="stack g1">
      <div className="row wrap">
        <b>{t('version', { version })}</b>
        <span className="mute small">{t('since', { day: format.dateTime(created) })}</span>
        <span className="grow" />
        <span className="mono small mute ntc-id">{name}</span>
        <CopyButton text={name} label={t('copy_id', { version })} />
      </div>
      {texts.map(({ language, text }) => (
        <div key={language} className="ntc-text">
          <span className="tag line">{words.speech(language)}</span>
          <blockquote className="say" lang={language}>
            <UserText text={text} />
          </blockquote>
        </div>
      ))}
    </div>
  );
}
