// What a release of rebuilt recordings does: how many, to which service, and what stays in quarantine.
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import type { ChangeView } from './queries.ts';

export function ReleaseCard({ release }: { readonly release: NonNullable<ChangeView['release']> }) {
  const { t } = useTranslation('changes');
  const format = useFormat();
  const { depositor, depositor_name: name, released, without_basis: without, stays, listed } = release;
  const lines = [
    ['releases', released, t('releases', { count: released })],
    ...(without === 0 ? [] : [['without', without, t('without_basis', { count: without })] as const]),
    ...stays.map(({ reason, count }) => [reason, count, t(`stays.${reason}`)] as const),
  ] as const;
  return (
    <section className="card pad stack g3" aria-label={t('release')}>
      <div className="row wrap">
        <h2>{t('release')}</h2>
        <span className="grow" />
        <span className="mute small">{t('preview_at', { at: format.near(release.at) })}</span>
      </div>
      <ul className="stack g1">
        {lines.map(([key, count, text]) => (
          <li key={key} className="row">
            <b className="num">{format.number(count)}</b>
            <span className="grow">{text}</span>
          </li>
        ))}
      </ul>
      <p>
        {t('release_depositor')} <b>{name === null ? depositor : <UserText text={name} />}</b>
      </p>
      {listed.length === 0 ? null : (
        <details>
          <summary>{t('release_listed', { count: listed.length })}</summary>
          <ul className="stack g1 small">
            {listed.map(({ recording, reason }) => (
              <li key={recording} className="row wrap">
                <span className="mono grow">{recording}</span>
                <span className="dim">{t(`stays.${reason}`)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
