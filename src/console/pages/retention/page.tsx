// Retention page: the version in force, the one that is proposed with what it would do, and the state of expiry.
import '../approvals/approvals.css';
import '../../retention/retention.css';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useTitle } from '../../components/use-title.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { type RulesVersion, rulesPages, rulesQuery } from '../../retention/queries.ts';
import { ChangeView } from './change-view.tsx';
import { ExpiryCard } from './expiry-card.tsx';
import { NoRules } from './no-rules.tsx';
import { ProposeRules } from './propose-rules.tsx';
import { VersionView } from './version-view.tsx';
import { VersionsDialog } from './versions-dialog.tsx';

export function RetentionPage() {
  const { t } = useTranslation('retentionPage');
  const me = useMe();
  const { id } = useParams({ strict: false });
  const [isListed, setIsListed] = useState(false);
  const waiting = useQuery(waitingChangesQuery);
  const all = useInfiniteQuery(rulesPages);
  const proposed = (waiting.data?.data ?? []).filter(
    ({ kind, tenant }) => kind === 'retention' && tenant === me.tenant.id,
  );
  const versions = (all.data?.pages ?? []).flatMap(({ data }) => data);
  const inForce = versions.find((one) => one.in_force);
  // A stable default: no one decides on a change that just moved under their pointer.
  const chosen = id ?? (waiting.isPending || all.isPending ? undefined : (proposed.at(-1)?.id ?? inForce?.id));
  const open = proposed.find((one) => one.id === chosen) ?? proposed.at(-1);
  const isReady = !(waiting.isPending || all.isPending);
  useTitle(proposed.length === 0 ? t('title') : t('title_count', { count: proposed.length }));
  return (
    <div className="page retention">
      <header className="head mid wrap">
        <h1>{t('title')}</h1>
        <InForceLine version={inForce} isReady={isReady} recordings={open?.retention?.preview.recordings} />
        <span className="grow" />
        {inForce !== undefined && open !== undefined ? (
          <nav className="seg" aria-label={t('shown')}>
            <SegLink id={inForce.id} isChosen={chosen === inForce.id}>
              {t('seg_in_force', { number: inForce.version })}
            </SegLink>
            <SegLink id={open.id} isChosen={chosen === open.id}>
              {t('seg_waiting', { number: inForce.version + 1 })}
            </SegLink>
          </nav>
        ) : null}
        {versions.length > 0 ? (
          <button type="button" className="btn s q" onClick={() => setIsListed(true)}>
            {t('history')}
          </button>
        ) : null}
        {can(me, 'change.propose') && me.principal.roles.includes('privacy') && inForce !== undefined ? (
          <ProposeButton base={inForce.id} />
        ) : null}
      </header>
      {all.isError && all.data === undefined ? (
        <ErrorCard error={all.error} title={t('error')} onRetry={() => void all.refetch()} />
      ) : null}
      {chosen === undefined && !isReady && !all.isError ? <Skeleton rows={8} shape="lines" /> : null}
      {chosen === undefined && isReady && all.data !== undefined ? (
        <div className="ret-cols">
          <div className="stack g4">
            <NoRules />
          </div>
          <aside className="stack g4">
            <ExpiryCard />
          </aside>
        </div>
      ) : null}
      {chosen === undefined ? null : chosen.startsWith('chg_') ? (
        <ChangeView key={chosen} id={chosen} />
      ) : (
        <VersionView key={chosen} id={chosen} />
      )}
      {isListed ? <VersionsDialog waiting={proposed} chosen={chosen} close={() => setIsListed(false)} /> : null}
    </div>
  );
}

type LineProps = {
  readonly version: RulesVersion | undefined;
  readonly isReady: boolean;
  /** How many recordings the newest preview counted. */
  readonly recordings: number | undefined;
};

function InForceLine({ version, isReady, recordings }: LineProps) {
  const { t } = useTranslation('retentionPage');
  const format = useFormat();
  if (!isReady) return null;
  if (version === undefined) return <span className="dim">{t('no_rules_line')}</span>;
  const said = { number: format.number(version.version), day: format.date(version.created) };
  return (
    <span className="dim">
      {recordings === undefined ? t('in_force_line', said) : t('in_force_covers', { ...said, count: recordings })}
    </span>
  );
}

function SegLink({ id, isChosen, children }: { id: string; isChosen: boolean; children: React.ReactNode }) {
  return (
    <Link
      to="/retention/$id"
      params={{ id }}
      className={isChosen ? 'on' : undefined}
      aria-current={isChosen ? 'page' : undefined}
      resetScroll={false}
    >
      {children}
    </Link>
  );
}

/** Opens the form once the rules in force have been read. */
function ProposeButton({ base }: { readonly base: string }) {
  const { t } = useTranslation('retentionPage');
  const [isOpen, setIsOpen] = useState(false);
  const read = useQuery({ ...rulesQuery(base), enabled: isOpen });
  return (
    <>
      <button type="button" className="btn" onClick={() => setIsOpen(true)}>
        {t('propose')}
      </button>
      {isOpen && read.data !== undefined ? (
        <ProposeRules base={base} rules={read.data.rules} close={() => setIsOpen(false)} />
      ) : null}
    </>
  );
}
