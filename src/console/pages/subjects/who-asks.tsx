// Who asks: numbers masked, the fields, for whom, how the identity was checked, and what they ask for.
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import type { SubjectRequest } from '../../subjects/types.ts';

export function WhoAsks({ request }: { readonly request: SubjectRequest }) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const { person, identity, kinds } = request;
  const asked = kinds.map((kind) => t(`form.kind.${kind}`)).join(t('kinds_comma'));
  const copies = t(person.copies ? 'who.copies' : 'who.no_copies');
  const lines: readonly (readonly [string, string | null])[] = [
    [t('who.person'), person.numbers.length === 0 ? null : person.numbers.join(t('kinds_comma'))],
    ...Object.entries(person.fields),
    [t('who.name'), person.name],
    [t('who.relation'), t(`who.${person.relation}`)],
    [
      t('who.proof'),
      identity === null
        ? t('who.proof_none')
        : t('who.proof_line', { how: identity.how, day: format.dayMonth(identity.at) }),
    ],
    [t('who.asks'), kinds.includes('access') ? t('who.asks_line', { kinds: asked, copies }) : asked],
    [t('who.says'), person.asks],
    [t('who.language'), t(`languages.${person.language}`)],
  ];
  return (
    <section className="card pad stack g3" aria-labelledby="who-title">
      <h2 id="who-title">{t('who.title')}</h2>
      <dl className="kv person-kv">
        {lines.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <UserText text={value} />
              </dd>
            </div>
          ),
        )}
      </dl>
      {request.ended === null ? <p className="mute small">{t('who.masked')}</p> : null}
    </section>
  );
}
