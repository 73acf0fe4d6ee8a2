// What a change of settings does, line by line, and whom it affects.
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { DifferenceLine, DifferenceTable } from './difference-table.tsx';
import type { ChangeView } from './queries.ts';

type SettingName =
  | 'default_basis'
  | 'default_notice'
  | 'time_zone'
  | 'searchable'
  | 'sources'
  | 'decide_by_key'
  | 'approver_age_hours';

/** The value of a setting, as people read it. */
function useSettingValue(): (name: string, value: unknown) => string {
  const { t } = useTranslation('changes');
  const words = useWords();
  const format = useFormat();
  return (name, value) => {
    if (Array.isArray(value)) return value.length === 0 ? t('value.none') : format.list(value.map(String));
    if (typeof value === 'object' && value !== null) {
      const bound = Object.entries(value).map(([source, service]) => `${source}: ${String(service)}`);
      return bound.length === 0 ? t('value.none') : format.list(bound);
    }
    if (typeof value === 'boolean') return t(value ? 'value.on' : 'value.off');
    if (typeof value === 'number') return t('value.hours', { count: value });
    if (value === null) return t(name === 'default_notice' ? 'value.none' : 'value.country');
    return name === 'default_basis' ? words.basis(String(value)) : String(value);
  };
}

export function DifferenceCard({ difference }: Pick<ChangeView, 'difference'>) {
  const { t } = useTranslation('changes');
  const settingText = useSettingValue();
  return (
    <DifferenceTable>
      {difference.map(({ name, from, to, effect }) => (
        <DifferenceLine
          key={name}
          name={t(`setting.${name as SettingName}`)}
          from={<UserText text={settingText(name, from)} />}
          to={<UserText text={settingText(name, to)} />}
          effect={effect}
        />
      ))}
    </DifferenceTable>
  );
}

export function PreviewCard({ preview }: { readonly preview: NonNullable<ChangeView['preview']> }) {
  const { t } = useTranslation('changes');
  const format = useFormat();
  const lines = [
    ['approvers', preview.approvers],
    ['too_young', preview.too_young],
    ['decide_keys', preview.decide_keys],
  ] as const;
  return (
    <section className="card pad stack g3">
      <div className="row wrap">
        <h2>{t('preview')}</h2>
        <span className="grow" />
        <span className="mute small">{t('preview_at', { at: format.near(preview.at) })}</span>
      </div>
      <ul className="stack g1">
        {lines.map(([name, value]) => (
          <li key={name} className="row">
            <b className="num">{format.number(value)}</b>
            <span className="grow">{t(name, { count: value })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
