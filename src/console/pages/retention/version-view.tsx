// One version of the retention rules, with the counts of the preview that it was approved on.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { PreviewCard } from '../../retention/preview-card.tsx';
import { rulesQuery } from '../../retention/queries.ts';
import { RulesTables } from '../../retention/rules-tables.tsx';
import { changeQuery } from '../changes/queries.ts';
import { effectsOf } from '../changes/retention-parts.tsx';
import { OneRecordingCard } from '../changes/retention-recording.tsx';
import { ExpiryCard } from './expiry-card.tsx';

export function VersionView({ id }: { readonly id: string }) {
  const { t } = useTranslation('retentionPage');
  const format = useFormat();
  const words = useWords();
  const { data: version, isError, error, refetch } = useQuery(rulesQuery(id));
  const change = version?.change ?? null;
  const brought = useQuery({ ...changeQuery(change ?? ''), enabled: change !== null, refetchInterval: false });
  if (isError && version === undefined) return <ErrorCard error={error} onRetry={() => void refetch()} />;
  if (version === undefined) return <Skeleton rows={8} shape="lines" />;
  const effects = brought.data === undefined ? null : effectsOf(brought.data);
  const { proposer_name: proposer, decider_name: decider } = version;
  const versions = { was: version.version === 1 ? null : version.version - 1, now: version.version };
  return (
    <div className="ret-cols">
      <div className="stack g4">
        <RulesTables set={version.rules} was={null} difference={[]} counts={effects?.preview.rules ?? []} />
        {version.in_force ? <OneRecordingCard change={null} versions={{ was: version.version, now: null }} /> : null}
      </div>
      <aside className="stack g4" aria-label={t('version', { number: version.version })}>
        <section className="card pad stack g1">
          <div className="row">
            <h2 className="grow">{t('version', { number: version.version })}</h2>
            {version.in_force ? <span className="tag yes">{t('in_force')}</span> : null}
          </div>
          <p className="dim">{t('since', { day: format.dateTime(version.created) })}</p>
          {proposer === null && decider === null ? null : (
            <p className="dim">{t('by', { proposer: words.person(proposer), decider: words.person(decider) })}</p>
          )}
          <p className="mono small mute">{version.id}</p>
        </section>
        <ExpiryCard />
        {effects === null ? null : (
          <PreviewCard preview={effects.preview} grace={version.rules.grace} versions={versions} />
        )}
      </aside>
    </div>
  );
}
