// Speakers of the lanes: channel 0 is the agent, channel 1 the customer.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { initials } from '../../api/current-user.ts';
import type { Recording } from '../../api/types.ts';
import { otherPartyNumber } from '../../components/call-name.ts';
import type { Speaker } from '../session/types.ts';

type Facts = Pick<Recording, 'agent' | 'direction' | 'from_masked' | 'to_masked'>;

/** Agent and customer with their known facts. */
export function useSpeakers({ agent, ...call }: Facts): readonly [Speaker, Speaker] {
  const { t, i18n } = useTranslation('player');
  const other = otherPartyNumber(call);
  return useMemo(() => {
    const number = other?.replace(/^[^*•]*/, '') ?? '';
    // A staff code has no useful initials; Chinese squares show the role.
    const named = agent !== null && !/\d/.test(agent) && !i18n.language.startsWith('zh');
    return [
      { name: agent ?? t('agent'), role: t('agent'), initials: named ? initials(agent) : t('agent_letter') },
      { name: t('customer'), role: number === '' ? t('caller') : number, initials: t('customer_letter') },
    ];
  }, [agent, other, t, i18n.language]);
}
