// The form that edits retention rules: two lists with add, remove and reorder, and the grace.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../../components/copy-button.tsx';
import { ReasonForm } from '../../../components/reason-form.tsx';
import { UserText } from '../../../components/user-text.tsx';
import type { ListName } from '../../../retention/rules.ts';
import { type Draft, type Fault, faultsOf, rulesFrom, withMoved, withNewRule, withRule } from './draft.ts';
import { PeriodField } from './period-field.tsx';
import { RuleItem } from './rule-item.tsx';

type Props = {
  readonly draft: Draft;
  readonly setDraft: (draft: Draft) => void;
  readonly compare: () => void;
  readonly busy: boolean;
  /** What the service rejected of the last preview. */
  readonly rejected: readonly { readonly pointer: string; readonly detail: string }[];
  readonly close: () => void;
};

export function EditRules({ draft, setDraft, compare, busy, rejected, close }: Props) {
  const { t } = useTranslation('retentionPage');
  const [opened, setOpened] = useState<number | null>(null);
  const [tried, setTried] = useState(false);
  const faults = tried ? faultsOf(draft) : [];
  const submit = (): void => {
    const found = faultsOf(draft);
    setTried(true);
    if (found.length === 0) compare();
    else setOpened(found[0]?.rule ?? null);
  };
  const add = (list: ListName): void => {
    const { draft: next, key } = withNewRule(draft, list);
    setDraft(next);
    setOpened(key);
  };
  return (
    <ReasonForm asksReason={false} act={t('compare')} busy={busy} close={close} submit={submit}>
      <p>{t('propose_text')}</p>
      {(['keep', 'erase'] as const).map((list) => (
        <section key={list} className="stack g3" aria-label={t(`${list}_title`)}>
          <div>
            <h3>{t(`${list}_title`)}</h3>
            <p className="dim small">{t(`${list}_hint`)}</p>
          </div>
          <ol className="edit-list">
            {draft[list].map((rule, n) => {
              const last = draft[list].length - 1;
              const isLast = list === 'erase' && n === last;
              return (
                <RuleItem
                  key={rule.key}
                  {...{ rule, list, isLast, place: n + 1 }}
                  isOpen={opened === rule.key}
                  isFaulty={faults.some((one) => one.rule === rule.key)}
                  canMove={{ up: n > 0 && !isLast, down: n < (list === 'erase' ? last - 1 : last) }}
                  toggle={() => setOpened(opened === rule.key ? null : rule.key)}
                  move={(by) => setDraft(withMoved(draft, list, rule.key, by))}
                  onChange={(next) => setDraft(withRule(draft, list, rule.key, next))}
                />
              );
            })}
          </ol>
          <div>
            <button type="button" className="btn s" onClick={() => add(list)}>
              {t(`edit.add_${list}`)}
            </button>
          </div>
        </section>
      ))}
      <PeriodField label={t('edit.grace')} value={draft.grace} onChange={(grace) => setDraft({ ...draft, grace })} />
      <JsonView draft={draft} />
      <Faults draft={draft} faults={faults} rejected={rejected} />
    </ReasonForm>
  );
}

/** The rules as a file: to read or copy; editing is done in the form. */
function JsonView({ draft }: { readonly draft: Draft }) {
  const { t } = useTranslation('retentionPage');
  const text = JSON.stringify(rulesFrom(draft), null, 2);
  return (
    <details className="json">
      <summary>{t('edit.json')}</summary>
      <div className="row">
        <span className="grow" />
        <CopyButton text={text} label={t('edit.copy_json')} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre className="mono small" tabIndex={0}>
        <UserText text={text} />
      </pre>
    </details>
  );
}

type FaultsProps = { readonly draft: Draft; readonly faults: readonly Fault[]; readonly rejected: Props['rejected'] };

function Faults({ draft, faults, rejected }: FaultsProps) {
  const { t } = useTranslation('retentionPage');
  const count = faults.length + rejected.length;
  if (count === 0) return null;
  const rules = [...draft.keep, ...draft.erase];
  const nameOf = (key: number | null): string => {
    if (key === null) return t('edit.grace_of');
    const name = rules.find((one) => one.key === key)?.name.trim() ?? '';
    return name === '' ? t('edit.unnamed') : name;
  };
  return (
    <div className="faults" role="alert">
      <p className="m">{t('edit.faults', { count })}</p>
      <ul>
        {faults.map(({ rule, fault }) => (
          <li key={`${rule}-${fault}`}>
            <UserText text={t('edit.fault_of', { rule: nameOf(rule), fault: t(`edit.fault.${fault}`) })} />
          </li>
        ))}
        {rejected.map(({ pointer, detail }) => (
          <li key={`${pointer} ${detail}`}>
            <span className="mono">{pointer}</span> {detail}
          </li>
        ))}
      </ul>
    </div>
  );
}
