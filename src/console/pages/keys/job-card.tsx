// Rotation in progress: what is left of the old generation, for how long, and the next step.
import './job-card.css';
import { CircleCheck, RefreshCw, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { serverNow } from '../../api/server-clock.ts';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { Command } from './command.tsx';
import { Generations } from './generations.tsx';
import { isDone, stepFiguresOf } from './progress.ts';
import type { TenantKeys } from './queries.ts';
import { Steps } from './steps.tsx';
import { KeyState } from './tenants-table.tsx';
import { sparklinePath, useRates } from './use-rates.ts';

type Props = { readonly keys: TenantKeys; readonly onPlan: (keys: TenantKeys) => void };

const JOB_STATES = {
  ready: { icon: CircleCheck, title: 'ready' },
  stopped: { icon: TriangleAlert, title: 'stopped' },
  keys: { icon: RefreshCw, title: 'running' },
  envelopes: { icon: RefreshCw, title: 'envelopes' },
} as const;

export function JobCard({ keys, onPlan }: Props) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const { tenant, name, generation, running } = keys;
  const done = isDone(keys);
  const stands = done ? 'ready' : (running?.step ?? 'stopped');
  const { icon: Icon, title } = JOB_STATES[stands];
  const since = running?.since == null ? null : { time: format.near(running.since), name: running.by ?? '' };
  return (
    <section className="card job" aria-label={name}>
      <div className="row g3 job-head">
        <span className={`face job-ic ${stands === 'stopped' ? 'wait' : ''}`}>
          <Icon className="i" />
        </span>
        <div className="grow">
          <h2>{t(`job.${title}`, { name, generation })}</h2>
          <p className="dim small">
            <span className="mono key-id">{keys.key_id}</span>
            {since === null ? null : <> · {t('job.since', since)}</>}
            {running === null ? null : <> · {t('job.untouched')}</>}
          </p>
        </div>
        {keys.key_state === 'usable' ? null : <KeyState keys={keys} />}
        {done ? null : (
          <button
            type="button"
            className="btn s"
            aria-label={t('table.dry_run_of', { name })}
            onClick={() => onPlan(keys)}
          >
            {t('table.dry_run')}
          </button>
        )}
      </div>
      {done ? null : <Figures keys={keys} />}
      {running !== null ? null : (
        <div className="job-next">
          <p className="dim">{done ? t('job.ready_text') : t('job.stopped_text')}</p>
          <span className="small dim">{done ? t('job.retire') : t('job.command')}</span>
          <Command text={`callvault keys ${done ? 'retire' : 'rewrap'} ${tenant}`} />
        </div>
      )}
      <Steps keys={keys} />
      <Generations keys={keys} />
    </section>
  );
}

function Figures({ keys }: { readonly keys: TenantKeys }) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const { running, generations, generation, left } = keys;
  const { done, total, left: open, percent, seconds } = stepFiguresOf(keys);
  const rates = useRates(running?.rate_per_s ?? null, keys.counted);
  const older = generations.filter((one) => one.generation < generation && one.keys > 0);
  const envelopes = left.data_keys === 0;
  const rate = running?.rate_per_s ?? null;
  const until = seconds === null ? '' : format.seconds(new Date(serverNow() + seconds * 1000).toISOString());
  return (
    <>
      <div className="job-figures">
        <div>
          <span className="dim small">{t('job.done')}</span>
          <p className="row base">
            <span className="big">{format.number(done)}</span>
            <span className="dim">{t('job.of', { total: format.number(total), percent })}</span>
          </p>
        </div>
        <div>
          <span className="dim small">{envelopes ? t('job.left_envelopes') : t('job.left')}</span>
          <p className="row base">
            <span className="big wait">{format.number(open)}</span>
            {older.length === 0 ? null : (
              <span className="dim">
                {t('job.left_on', { generations: format.list(older.map((one) => String(one.generation))) })}
              </span>
            )}
          </p>
        </div>
        {running === null ? null : (
          <div>
            <span className="dim small">{t('job.time_left')}</span>
            <p className="row base">
              <span className="big">{seconds === null ? '–' : formatClock(seconds * 1000)}</span>
              <span className="dim">{seconds === null ? t('job.unknown') : t('job.until', { time: until })}</span>
            </p>
          </div>
        )}
        {running === null ? null : (
          <div className="job-rate">
            <p className="row small">
              <span className="dim grow">{t('job.rate')}</span>
              <b className="m num">
                {rate === null ? '–' : t('job.per_second', { rate: format.number(Math.round(rate * 10) / 10) })}
              </b>
            </p>
            <svg viewBox="0 0 280 44" aria-hidden="true" preserveAspectRatio="none">
              <path className="axis" d="M0 43.5H280" />
              <path className="curve" d={sparklinePath(rates)} />
            </svg>
          </div>
        )}
      </div>
      <div
        className="live-bar"
        role="progressbar"
        aria-label={t('job.bar')}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i className={done === 0 ? 'none' : ''} style={{ width: `${total === 0 ? 100 : (done / total) * 100}%` }} />
      </div>
    </>
  );
}
