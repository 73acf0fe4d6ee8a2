// Names of speakers: agent and customer with their known facts, others by their number.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { initials } from '../../api/current-user.ts';
import type { Recording } from '../../api/types.ts';
import { otherPartyNumber } from '../../components/call-name.ts';
import type { Who } from '../content/who.ts';
import type { Speaker } from '../session/types.ts';

type Facts = Pick<Recording, 'agent' | 'direction' | 'from_masked' | 'to_masked'>;

/** Returns the speaker of a recording; the same object for the same speaker. */
export function useSpeakers({ agent, ...call }: Facts): (who: Who) => Speaker {
  const { t, i18n } = useTranslation('player');
  const label = useWhoLabel();
  const other = otherPartyNumber(call);
  return useMemo(() => {
    const number = other?.replace(/^[^*•]*/, '') ?? '';
    // A staff code has no useful initials; Chinese squares show the role.
    const named = agent !== null && !/\d/.test(agent) && !i18n.language.startsWith('zh');
    const role = number === '' ? t('caller') : number;
    const known = new Map<Who, Speaker>([
      [
        'agent',
        {
          name: agent ?? t('agent'),
          role: t('agent'),
          initials: named ? initials(agent) : t('agent_letter'),
          look: 'a',
        },
      ],
      ['customer', { name: t('customer'), role, initials: t('customer_letter'), look: 'c' }],
      ['unknown', { name: t('speaker_unknown'), role: '', initials: t('speaker_unknown_letter'), look: '' }],
    ]);
    return (who) => {
      const found = known.get(who);
      if (found !== undefined) return found;
      const made = { name: label(who), role: '', initials: String(who), look: lookOf(who) };
      known.set(who, made);
      return made;
    };
  }, [agent, other, label, t, i18n.language]);
}

/** Returns what a speaker is called where no name is needed. */
export function useWhoLabel(): (who: Who) => string {
  const { t } = useTranslation('player');
  return useMemo(
    () => (who) => {
      if (typeof who === 'number') return t('speaker_number', { number: who });
      return who === 'others' || who === 'unknown' ? t(`speaker_${who}`) : t(who);
    },
    [t],
  );
}

/** The first two have the colours of the two voices under the waveform. */
function lookOf(who: Who): Speaker['look'] {
  if (who === 1) return 'a';
  return who === 2 ? 'c' : '';
}
