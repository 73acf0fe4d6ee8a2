// Generations of a tenant: the current one, those being emptied, and the retired ones.
import './generations.css';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.ts';
import { generationTone } from './progress.ts';
import type { TenantKeys } from './queries.ts';

export function Generations({ keys }: { readonly keys: TenantKeys }) {
  const { t } = useTranslation('keys');
  const { name, generation: current, generations, running, minimum_generation: minimum } = keys;
  const all = generations.reduce((sum, one) => sum + one.keys + one.under_way, 0);
  const retired = Array.from({ length: minimum - 1 }, (_, n) => n + 1);
  return (
    <div className="cen">
      <table className="tbl">
        <thead>
          <tr>
            <th className="g-name">{name}</th>
            <th className="g-state">{t('gen.state')}</th>
            <th className="r">{t('gen.keys')}</th>
            <th className="r wide-cell">{t('gen.uploads')}</th>
            <th className="r wide-cell">{t('gen.envelopes')}</th>
            <th className="r wide-cell">{t('gen.tenant_keks')}</th>
            <th className="r wide-cell">{t('gen.ingest_keys')}</th>
            <th className="g-share wide-cell">
              <span className="sr">{t('gen.share')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {withRetirable(generations, minimum, current).map((one) => (
            <Line key={one.generation} one={one} current={current} all={all} running={running !== null} />
          ))}
          {retired.length === 0 ? null : (
            <tr className="off">
              <td>{t('gen.older', { count: retired.length, generations: rangeText(retired) })}</td>
              <td>{t('gen.retired')}</td>
              <td className="r">0</td>
              <td className="r wide-cell">0</td>
              <td className="r wide-cell">0</td>
              <td className="r wide-cell">0</td>
              <td className="r wide-cell">0</td>
              <td className="wide-cell" />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

type LineProps = {
  readonly one: TenantKeys['generations'][number];
  readonly current: number;
  readonly all: number;
  readonly running: boolean;
};

function Line({ one, current, all, running }: LineProps) {
  const { t } = useTranslation('keys');
  const format = useFormat();
  const { generation, keys, under_way: uploads, envelopes_behind: envelopes, tenant_keks: keks } = one;
  const { ingest_keys: ingest } = one;
  const isOld = generation < current;
  const tone = generationTone(generation, current);
  const share = all === 0 ? 0 : ((keys + uploads) / all) * 100;
  const full = keys + uploads + keks + ingest > 0;
  const waiting = running ? t('gen.emptying') : t('gen.waiting');
  const state = isOld ? (full ? waiting : t('gen.emptied')) : t('gen.current');
  const warn = isOld && keys > 0 ? 'wait m' : '';
  return (
    <tr>
      <td>
        <span className="row">
          <i className={`dot sq-dot ${tone}`} />
          <b className="m">{t('gen.one', { generation })}</b>
        </span>
      </td>
      <td className={isOld && full ? 'wait' : ''}>{state}</td>
      <td className={`r ${warn}`}>{format.number(keys)}</td>
      <td className="r wide-cell">{format.number(uploads)}</td>
      <td className={`r wide-cell ${envelopes > 0 ? 'wait' : ''}`}>{format.number(envelopes)}</td>
      <td className="r wide-cell">{format.number(keks)}</td>
      <td className={`r wide-cell ${isOld && ingest > 0 ? 'wait' : ''}`}>{format.number(ingest)}</td>
      <td className="wide-cell">
        <div className="bar h">
          <i className={tone} style={{ width: `${share}%` }} />
        </div>
      </td>
    </tr>
  );
}

/** Adds the empty generations that are not retired yet. */
function withRetirable(generations: TenantKeys['generations'], minimum: number, current: number) {
  const missing = Array.from({ length: current - minimum }, (_, n) => minimum + n).filter(
    (generation) => !generations.some((one) => one.generation === generation),
  );
  const none = { keys: 0, under_way: 0, envelopes_behind: 0, tenant_keks: 0, ingest_keys: 0 };
  return [...generations, ...missing.map((generation) => ({ generation, ...none }))].sort(
    (one, other) => other.generation - one.generation,
  );
}

/** 1, or 1–3: the generations are consecutive. */
function rangeText(generations: readonly number[]): string {
  const [first, last] = [generations[0], generations.at(-1)];
  return first === last ? String(first) : `${first}–${last}`;
}
