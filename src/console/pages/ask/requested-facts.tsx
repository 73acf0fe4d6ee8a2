// Facts of a request, for its approver.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { requestQuery } from '../../api/queries.ts';
import { UserText } from '../../components/user-text.tsx';
import { useWords } from '../../i18n/use-words.ts';

export function RequestedFacts({ id }: { readonly id: string }) {
  const { t } = useTranslation('ask');
  const words = useWords();
  const { data: request } = useQuery(requestQuery(id));
  if (request === undefined) return null;
  const facts = [
    [t('form.reason'), request.reason],
    [t('form.ticket'), request.ticket],
    [t('form.minutes'), t('form.minute', { count: request.minutes })],
    [t('form.objects'), words.objects(request.objects)],
  ] as const;
  return (
    <dl className="kv asked-facts">
      {facts.map(([name, value]) =>
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
  );
}
