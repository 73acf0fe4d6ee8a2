// Note in place of the controls when there is no sound; the transcript remains readable.
import { VolumeX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { StateCard } from '../../components/state-card.tsx';
import type { Listening } from '../session/use-listening.ts';

export function NoSound({ why }: { readonly why: NonNullable<Listening['silent']> }) {
  const { t } = useTranslation('player');
  const text = why === 'unsupported' ? 'unsupported' : 'notGranted';
  return (
    <StateCard bare icon={VolumeX} title={t(`card.${text}.title`)}>
      {t(`card.${text}.text`)}
    </StateCard>
  );
}
