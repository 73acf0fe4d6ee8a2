// The changes of teams that wait for a second person, with a way to the oldest.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Hourglass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { waitingChangesQuery } from '../../api/queries.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';

export function WaitingTeams() {
  const { t } = useTranslation('teams');
  const words = useWords();
  const format = useFormat();
  const { data } = useQuery(waitingChangesQuery);
  const waiting = data?.data.filter(({ kind }) => kind === 'team') ?? [];
  const oldest = waiting.at(-1);
  if (oldest === undefined) return null;
  const by = { name: words.person(oldest.proposer_name), at: format.near(oldest.opened) };
  return (
    <div className="card team-wait">
      <Hourglass className="i wait" />
      <p className="grow">
        <b>{t('waiting', { count: waiting.length })}</b> {waiting.length === 1 ? t('waiting_by', by) : null}
      </p>
      <Link to="/changes/$id" params={{ id: oldest.id }} className="btn p">
        {t('review')}
      </Link>
    </div>
  );
}
