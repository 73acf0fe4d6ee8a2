// The five steps of a rotation; a locked step shows what it waits for.
import './steps.css';
import { Check, Lock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.ts';
import { type StepName, stepFiguresOf, stepsOf } from './progress.ts';
import type { TenantKeys } from './queries.ts';

export function Steps({ keys }: { readonly keys: TenantKeys }) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const { generation, last_rotation: turned, left, running } = keys;
  const needed = left.data_keys + left.under_way;
  const texts = (state: string): Readonly<Record<StepName, string>> => ({
    plan: t('step.plan_text', { count: stepFiguresOf(keys).total }),
    generation:
      turned === null
        ? t('step.generation_only', { generation })
        : t('step.generation_text', { generation, time: format.near(turned.at) }),
    rewrap:
      state === 'done' ? t('step.rewrap_done') : running === null ? t('step.rewrap_waiting') : t('step.rewrap_running'),
    count: state === 'done' ? t('step.count_done', { generation }) : t('step.count_wait', { generation }),
    retire:
      state === 'locked'
        ? needed > 0
          ? t('step.retire_wait', { count: needed })
          : t('step.retire_wait_more')
        : t('step.retire_ready'),
  });
  return (
    <ol className="steps-row">
      {stepsOf(keys).map(([name, state]) => (
        <li key={name} className={`stp ${state}`} aria-current={state === 'now' ? 'step' : undefined}>
          <span className={`st ${state === 'now' && name === 'rewrap' && running !== null ? 'spin' : ''}`}>
            {state === 'done' ? <Check className="i" /> : state === 'locked' ? <Lock className="i" /> : null}
          </span>
          <span>
            <span className="m">{t(`step.${name}`)}</span>
            <span className="sr"> ({t(`step.${state}`)})</span>
            <span className="sub-text">{texts(state)[name]}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}
