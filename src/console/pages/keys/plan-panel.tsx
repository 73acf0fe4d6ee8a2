// Dry run: work, duration and cost of a re-wrap, and the command that runs it.
import './plan-panel.css';
import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { Command } from './command.tsx';
import { durationInUnit } from './progress.ts';
import { type KeyPlan, planQuery, type TenantKeys } from './queries.ts';

type Props = { readonly keys: TenantKeys; readonly onClose: () => void };

export function PlanPanel({ keys, onClose }: Props) {
  const { t } = useTranslation('keys');
  const plan = useQuery(planQuery(keys.tenant));
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('plan.title', { name: keys.name })}
      closeButtonProps={{ 'aria-label': t('plan.close') }}
    >
      <div className="stack g4">
        <p className="dim">{t('plan.nothing_changed')}</p>
        {plan.isPending ? <Skeleton rows={3} shape="lines" /> : null}
        {plan.isError ? <ErrorCard bare error={plan.error} onRetry={() => void plan.refetch()} /> : null}
        {plan.data === undefined ? null : <Plan keys={keys} plan={plan.data} />}
      </div>
    </Modal>
  );
}

function Plan({ keys, plan }: { readonly keys: TenantKeys; readonly plan: KeyPlan }) {
  const { t } = useTranslation('keys');
  const { next, commands } = plan;
  const isTurn = next === 'rotate';
  return (
    <>
      {keys.key_state === 'refused' ? (
        <p className="no" role="alert">
          {t('plan.refused', { why: t(`why.${keys.key_reason as 'disabled'}`, { defaultValue: keys.key_reason }) })}
        </p>
      ) : null}
      <Effort
        title={isTurn ? t('plan.after') : t('plan.now')}
        effort={isTurn ? plan.after_rotation : plan}
        plan={plan}
      />
      <div className="stack">
        <h3>{t(`plan.${next}`)}</h3>
        {isTurn ? <Command text={commands.rotate} /> : null}
        <Command text={next === 'retire' ? commands.retire : commands.rewrap} />
      </div>
      <p className="dim small">{t('plan.run')}</p>
    </>
  );
}

type EffortProps = {
  readonly title: string;
  readonly effort: KeyPlan['after_rotation'];
  readonly plan: KeyPlan;
};

function Effort({ title, effort, plan }: EffortProps) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const { left, generation, next } = plan;
  const { unit, count } = durationInUnit(effort.seconds);
  const parts = [
    effort.data_keys > 0 ? t('plan.keys', { count: effort.data_keys }) : '',
    effort.envelopes > 0 ? t('plan.envelopes', { count: effort.envelopes }) : '',
    next === 'rotate' || left.metadata_key ? t('plan.metadata') : '',
    effort.ingest_keys > 0 ? t('plan.ingest_keys', { count: effort.ingest_keys }) : '',
    next !== 'rotate' && left.tenant_json ? t('plan.tenant_json') : '',
  ].filter((part) => part !== '');
  const nothing = next === 'retire';
  return (
    <dl className="kv plan">
      <div>
        <dt>{title}</dt>
        <dd>{nothing ? t('plan.nothing', { generation }) : format.list(parts)}</dd>
      </div>
      {left.under_way > 0 ? (
        <div>
          <dt />
          <dd>{t('plan.uploads', { count: left.under_way })}</dd>
        </div>
      ) : null}
      {nothing ? null : (
        <>
          <div>
            <dt>{t('plan.time')}</dt>
            <dd className="num">{t(unit, { count })}</dd>
          </div>
          <div>
            <dt>{t('plan.calls')}</dt>
            <dd className="num">{effort.kms_calls === 0 ? t('plan.none') : format.number(effort.kms_calls)}</dd>
          </div>
          {effort.kms_dollars === 0 ? null : (
            <div>
              <dt>{t('plan.dollars')}</dt>
              <dd className="num">${effort.kms_dollars.toFixed(2)}</dd>
            </div>
          )}
        </>
      )}
    </dl>
  );
}
