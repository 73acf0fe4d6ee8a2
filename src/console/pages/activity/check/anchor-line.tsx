// Whether the newest checkpoint is also kept outside the store, and how far that reaches.
import { useQuery } from '@tanstack/react-query';
import { Anchor, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../i18n/use-format.ts';
import { anchorQuery } from '../log/queries.ts';

export function AnchorLine() {
  const { t } = useTranslation('activity');
  const format = useFormat();
  const { data } = useQuery(anchorQuery);
  if (data === undefined) return null;
  const { state, size, until } = data;
  const wrong = state === 'differs' || state === 'behind';
  const Icon = wrong || state === 'unavailable' ? TriangleAlert : Anchor;
  const reach = { count: size ?? 0, until: until === null ? '' : format.dateTime(until) };
  const text = state === 'behind' && size === null ? t('anchor.nothing') : t(`anchor.${state}`, reach);
  const tone = { differs: 'no', behind: 'wait', unavailable: 'wait', current: '', none: 'dim' }[state];
  return (
    <p className={`row ver-anchor ${wrong ? 'stays' : ''}`}>
      <Icon className={`i s ${tone}`} />
      <span className={`grow ${tone}`}>{text}</span>
    </p>
  );
}
