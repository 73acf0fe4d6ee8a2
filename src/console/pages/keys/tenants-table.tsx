// Tenants without a rotation in progress: key, generations, last rotation, and a dry run.
import './tenants-table.css';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.ts';
import { generationTone } from './progress.ts';
import type { TenantKeys } from './queries.ts';

type Props = {
  readonly tenants: readonly TenantKeys[];
  readonly others: boolean;
  readonly onPlan: (tenant: TenantKeys) => void;
};

const DOTS = { usable: 'yes', refused: 'no', away: 'wait' } as const;

export function TenantsTable({ tenants, others, onPlan }: Props) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  return (
    <section className="card keys-card">
      <table className="tbl keyt">
        <thead>
          <tr>
            <th className="k-name">{others ? t('table.others') : t('table.tenants')}</th>
            <th className="k-key">{t('table.key')}</th>
            <th className="r k-gen wide-cell">{t('table.generation')}</th>
            <th className="wide-cell">{t('table.wraps')}</th>
            <th className="k-turn wide-cell">{t('table.rotated')}</th>
            <th className="k-act">
              <span className="sr">{t('table.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tenants.map((keys) => (
            <tr key={keys.tenant}>
              <td>
                <span className="m cut" title={keys.name}>
                  {keys.name}
                </span>
                <span className="sub mono cut" title={keys.key_id}>
                  {keys.key_id}
                </span>
                {keys.state === 'suspended' ? <span className="tag wait">{t('table.suspended')}</span> : null}
                {keys.volume ? <span className="tag line">{t('table.volume')}</span> : null}
              </td>
              <td>
                <KeyState keys={keys} />
              </td>
              <td className="r m wide-cell">{keys.generation}</td>
              <td className="wide-cell">
                <GenerationCounts keys={keys} />
              </td>
              <td className="dim wide-cell">
                {keys.last_rotation === null
                  ? keys.generation === 1
                    ? t('table.never')
                    : '–'
                  : format.date(keys.last_rotation.at)}
              </td>
              <td className="r">
                <button
                  type="button"
                  className="btn s"
                  aria-label={t('table.dry_run_of', { name: keys.name })}
                  onClick={() => onPlan(keys)}
                >
                  {t('table.dry_run')}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** State of a key: a dot and a word. */
export function KeyState({ keys }: { readonly keys: TenantKeys }) {
  const { t } = useTranslation('keys');
  const tone = DOTS[keys.key_state];
  return (
    <span className={`row dotted ${tone === 'yes' ? '' : tone}`}>
      <i className={`dot ${tone}`} />
      {t(`why.${keys.key_reason as 'enabled'}`, { defaultValue: keys.key_reason })}
    </span>
  );
}

function GenerationCounts({ keys }: { readonly keys: TenantKeys }) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const { generations, generation: current } = keys;
  const count = (one: (typeof generations)[number]): number => one.keys + one.under_way;
  const all = generations.reduce((sum, one) => sum + count(one), 0);
  return (
    <div className="stack wraps">
      <div className="bar h">
        {generations.map((one) => (
          <i
            key={one.generation}
            className={generationTone(one.generation, current)}
            style={{ width: `${all === 0 ? 0 : (count(one) / all) * 100}%` }}
          />
        ))}
      </div>
      <span className="row small">
        {generations.map((one) => (
          <span key={one.generation} className="row g1">
            <i className={`dot sq-dot ${generationTone(one.generation, current)}`} />
            <span className="dim">{t('gen.legend', { generation: one.generation })}</span>
            <b className="m num">{format.number(count(one))}</b>
          </span>
        ))}
      </span>
    </div>
  );
}
