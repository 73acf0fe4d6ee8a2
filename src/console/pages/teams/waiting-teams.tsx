// The changes of teams that wait for a second person.
import { useTranslation } from 'react-i18next';
import { WaitingChanges } from '../../components/waiting-changes.tsx';

export function WaitingTeams() {
  const { t } = useTranslation('teams');
  return (
    <WaitingChanges
      kind="team"
      className="team-wait"
      waiting={(count) => t('waiting', { count })}
      by={(proposed) => t('waiting_by', proposed)}
      review={t('review')}
    />
  );
}
