// People who could decide, or a note that none exists.
import { UserX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AccessAnswer } from '../../api/types.ts';
import { Avatar } from '../../components/avatar.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useWords } from '../../i18n/use-words.ts';

const SHOWN = 6;

type Props = { readonly deciders: AccessAnswer['deciders']; readonly needed: number };

export function Deciders({ deciders, needed }: Props) {
  const { t } = useTranslation('ask');
  const words = useWords();
  if (deciders.length < needed)
    return (
      <StateCard icon={UserX} tone="no" title={t('form.nobody')}>
        {t('form.nobody_text')}
      </StateCard>
    );
  const more = deciders.length - SHOWN;
  return (
    <div className="deciders stack g1">
      <div className="row">
        <span className="m">{t('form.who')}</span>
        <span className="grow" />
        <span className="dim small">{needed === 1 ? t('form.any') : t('form.several', { count: needed })}</span>
      </div>
      <ul className="row g4">
        {deciders.slice(0, SHOWN).map(({ id, name }) => (
          <li key={id} className="row">
            <Avatar name={words.person(name)} size="s" />
            {words.person(name)}
          </li>
        ))}
        {more > 0 ? <li className="mute">{t('form.and_more', { count: more })}</li> : null}
      </ul>
    </div>
  );
}
