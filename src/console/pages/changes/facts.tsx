// What a command will do once it is approved, fact by fact.
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { ChangeView } from './queries.ts';

type Fact = ChangeView['facts'][number];

/** Facts that are ids: compared letter by letter. */
const IDS: readonly string[] = ['tenant', 'keys', 'key', 'logs', 'node'];
/** Facts that are moments. */
const TIMES: readonly string[] = ['clock', 'newest'];

export function FactsCard({ facts }: Pick<ChangeView, 'facts'>) {
  const { t } = useTranslation('changes');
  const textOf = useFactText();
  return (
    <section className="card pad stack g3" aria-label={t('facts')}>
      <h2>{t('facts')}</h2>
      <dl className="stack g1">
        {facts.map((fact) => (
          <div key={fact.name} className="row wrap">
            <dt className="dim">{t(`fact.${fact.name}`)}</dt>
            <dd className="grow">
              {fact.title === null ? null : (
                <>
                  <b>
                    <UserText text={fact.title} />
                  </b>{' '}
                </>
              )}
              <span className={classOf(fact)}>
                <UserText text={textOf(fact)} />
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function classOf({ name, title }: Fact): string | undefined {
  if (title !== null) return 'mono dim small';
  return IDS.includes(name) ? 'mono' : undefined;
}

function useFactText(): (fact: Fact) => string {
  const { t } = useTranslation('changes');
  const format = useFormat();
  const words = useWords();
  return ({ name, value }) => {
    if (name === 'how') return t(`key_how.${value as 'retire'}`);
    if (name === 'reason') return words.reason(String(value));
    if (name === 'role') return words.role(String(value));
    if (name === 'default_basis') return words.basis(String(value));
    if (typeof value === 'boolean') return t(value ? 'fact_yes' : 'fact_no');
    if (typeof value === 'number') return format.number(value);
    if (typeof value === 'string') return TIMES.includes(name) ? format.dateTime(value) : value;
    return format.list(name === 'roles' ? value.map(words.role) : value);
  };
}
