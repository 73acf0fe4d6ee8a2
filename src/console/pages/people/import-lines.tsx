// The lines of an import: what each would do, the person before and after, and faults.
import { useTranslation } from 'react-i18next';
import type { PeopleImportBody } from '../../../http/reply-types.ts';
import { UserText } from '../../components/user-text.tsx';
import { useDays } from '../../i18n/use-days.ts';
import { useWords } from '../../i18n/use-words.ts';

type Line = PeopleImportBody['lines'][number];

export function ImportLines({ lines }: { readonly lines: readonly Line[] }) {
  const { t } = useTranslation('people');
  const count = (does: Line['does']): number => lines.filter((line) => line.does === does).length;
  const faulty = count(null);
  const shown = lines.filter(({ does }) => does !== 'nothing');
  return (
    <section className="stack g1" aria-label={t('import.lines')}>
      <p aria-live="polite">
        {[
          t('import.adds', { count: count('add') }),
          t('import.changes', { count: count('change') }),
          t('import.nothing', { count: count('nothing') }),
        ].join(' · ')}
        {faulty === 0 ? null : <b className="no"> · {t('import.faulty', { count: faulty })}</b>}
      </p>
      {shown.length === 0 ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the region scrolls, so the keyboard must reach it
        <div className="imp-lines" tabIndex={0}>
          <table className="tbl imp">
            <thead>
              <tr>
                <th className="r">{t('import.line')}</th>
                <th>{t('column.name')}</th>
                <th>{t('import.does_column')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((line) => (
                <Row key={line.line} line={line} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ line }: { readonly line: Line }) {
  const { t } = useTranslation('people');
  const words = useWords();
  const { date } = useDays();
  const stateText = (state: Line['to']): string => {
    if (state === null) return '';
    const trained = state.trained_until === null ? [] : [t('import.trained', { day: date(state.trained_until) })];
    return [...state.roles.map(words.role), ...trained].join(' · ');
  };
  return (
    <tr>
      <td className="r num">{line.line}</td>
      <td className="m">
        <UserText text={line.name} />
      </td>
      <td>
        {line.faults.map(({ member, code }) => (
          <span key={`${member} ${code}`} className="block no">
            {t(`fault.${code as 'unchanged'}`, { defaultValue: code })}
          </span>
        ))}
        {line.does === 'add' ? t('import.add', { what: stateText(line.to) }) : null}
        {line.does === 'change' ? `${stateText(line.from)} → ${stateText(line.to)}` : null}
      </td>
    </tr>
  );
}
