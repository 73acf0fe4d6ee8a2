// The two lists of retention rules: the law, of which the longest wins, and the promises, of which the first counts.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { UserText } from '../components/user-text.tsx';
import { useFormat } from '../i18n/use-format.ts';
import type { RetentionPreview } from './queries.ts';
import { type Line, type ListName, type Rule, type RuleRow, type Rules, rowsOf } from './rules.ts';
import { type RuleWords, useRuleWords } from './use-rule-words.ts';

type Props = {
  readonly set: Rules;
  /** Null where there is nothing to compare with. */
  readonly was: Rules | null;
  readonly difference: readonly Line[];
  /** How many recordings each rule decides; none where that was not counted. */
  readonly counts: RetentionPreview['rules'];
};

export function RulesTables(props: Props) {
  const { t } = useTranslation('retentionPage');
  const { periodOf } = useRuleWords();
  const { was, set } = props;
  const old = was === null || was.grace === set.grace ? null : periodOf(was.grace);
  return (
    <>
      <RulesTable list="keep" {...props} />
      <RulesTable list="erase" {...props}>
        <p className="rules-foot">
          {t('grace')} <Changed old={old} now={periodOf(set.grace)} />
        </p>
      </RulesTable>
    </>
  );
}

type TableProps = Props & { readonly list: ListName; readonly children?: ReactNode };

function RulesTable({ list, was, set, difference, counts, children }: TableProps) {
  const { t } = useTranslation('retentionPage');
  const rows = rowsOf(list, was, set, difference);
  const isLaw = list === 'keep';
  return (
    <section className={`card rules ${list}`} aria-label={t(`${list}_title`)}>
      <div className="rules-head">
        <h2>{t(`${list}_title`)}</h2>
        <span className="mute small">{t(`${list}_hint`)}</span>
      </div>
      {rows.length === 0 ? <p className="rules-foot">{t('none_kept')}</p> : null}
      {rows.length === 0 ? null : (
        <table className="tbl">
          <thead>
            <tr>
              <th className="c-rule">{t('column.rule')}</th>
              <th className="c-when">{t('column.when')}</th>
              <th className="c-from">{t('column.from')}</th>
              <th className="c-for">{t('column.for')}</th>
              {isLaw ? <th className="c-law">{t('column.law')}</th> : null}
              <th className="r c-count">{t('column.count')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <RuleLine key={row.rule.id} row={row} list={list} counts={counts} count={rows.length} />
            ))}
          </tbody>
        </table>
      )}
      {children}
    </section>
  );
}

type LineProps = {
  readonly row: RuleRow;
  readonly list: ListName;
  readonly counts: Props['counts'];
  readonly count: number;
};

const MARK_CLASS = { new: 'new', changed: 'chg', moved: 'chg', removed: 'off' } as const;
const TAG_CLASS = { new: 'tag yes', changed: 'tag wait', moved: 'tag wait', removed: 'tag no' } as const;

function RuleLine({ row, list, counts }: LineProps) {
  const { t } = useTranslation('retentionPage');
  const format = useFormat();
  const words = useRuleWords();
  const { rule, was, mark, place } = row;
  const counted = counts.find((one) => one.rule === rule.id);
  const number = mark === 'removed' ? counted?.was : counted?.now;
  const changed = (text: (one: Rule) => string) => <Cell row={row} text={text} />;
  const isLast = list === 'erase' && Object.keys(rule.when).length === 0 && mark !== 'removed';
  return (
    <tr className={mark === null ? undefined : MARK_CLASS[mark]}>
      <td className="c-rule">
        <span className="rule-name">
          {list === 'erase' ? <span className="place">{place ?? ''}</span> : null}
          <span className="m">
            {was.name === rule.name ? <UserText text={rule.name} /> : changed(({ name }) => name)}
          </span>
          {mark === null ? null : <span className={TAG_CLASS[mark]}>{t(`mark.${mark}`)}</span>}
        </span>
      </td>
      <td className="dim c-when">
        {isLast ? (
          <span className="mute">{t('last')}</span>
        ) : (
          changed(({ when }) => conditionText(words, when, t('all')))
        )}
      </td>
      <td className="c-from">{changed(({ from, for: period }) => (period === 'never' ? '–' : words.startOf(from)))}</td>
      <td className="c-for">{changed(words.lengthOf)}</td>
      {list === 'keep' ? <td className="mute small c-law">{changed(({ law = '' }) => law)}</td> : null}
      <td className="r c-count">{number == null ? '–' : format.number(number)}</td>
    </tr>
  );
}

function conditionText(words: RuleWords, when: Rule['when'], all: string): string {
  return Object.keys(when).length === 0 ? all : words.conditionOf(when);
}

/** A member of a rule: the old value struck where it is another one, all of it in bold where the rule is new. */
function Cell({ row: { rule, was, mark }, text }: { readonly row: RuleRow; readonly text: (one: Rule) => string }) {
  const now = text(rule);
  if (mark === 'new') return <ins>{<UserText text={now} />}</ins>;
  if (mark === 'removed') return <del>{<UserText text={now} />}</del>;
  const old = text(was);
  return <Changed old={old === now ? null : old} now={now} />;
}

/** A value, with the one before it where that differs. Screen readers read which is which. */
function Changed({ old, now }: { readonly old: string | null; readonly now: string }) {
  const { t } = useTranslation('retentionPage');
  if (old === null) return <UserText text={now} />;
  return (
    <>
      <del>
        <span className="sr">{t('before')} </span>
        <UserText text={old} />
      </del>{' '}
      <ins>
        <span className="sr">{t('after')} </span>
        <UserText text={now} />
      </ins>
    </>
  );
}
