// One version of the policy: when and by whom it came into force, and what it requires.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { PolicyTable } from './policy-table.tsx';
import { versionQuery } from './queries.ts';

export function VersionDetail({ id }: { readonly id: string }) {
  const { t } = useTranslation('policy');
  const format = useFormat();
  const { data: version, isError, error, refetch } = useQuery(versionQuery(id));
  if (isError && version === undefined)
    return (
      <div className="dt-one">
        <ErrorCard error={error} onRetry={() => void refetch()} />
      </div>
    );
  if (version === undefined)
    return (
      <div className="dt-one">
        <Skeleton rows={6} shape="lines" />
      </div>
    );
  return (
    <div className="dt-one stack policy-words">
      <header>
        <div className="row">
          <h2 className="dt-title grow">{t('version', { number: version.version })}</h2>
          {version.in_force ? <span className="tag yes">{t('in_force')}</span> : null}
        </div>
        <p className="dim">
          {format.near(version.created)} · <span className="mono small">{version.id}</span>
        </p>
      </header>
      <PolicyTable policy={version.policy} />
    </div>
  );
}
