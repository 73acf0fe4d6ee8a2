// Short name of a call: 10:42 inbound · 138****5678.
import { useTranslation } from 'react-i18next';
import type { Recording } from '../api/types.ts';
import { useFormat } from '../i18n/use-format.ts';

type Call = Pick<Recording, 'started_at' | 'direction' | 'from_masked' | 'to_masked'>;

const DIRECTIONS = ['inbound', 'outbound', 'internal'] as const;

/** Masked number of the other party, not the agent's. */
export function otherPartyNumber({ direction, from_masked, to_masked }: Omit<Call, 'started_at'>): string | null {
  return direction === 'outbound' ? to_masked : from_masked;
}

/** Direction of a call, as its texts are named. */
export function directionOf({ direction }: Pick<Call, 'direction'>): (typeof DIRECTIONS)[number] | 'other' {
  return DIRECTIONS.find((known) => known === direction) ?? 'other';
}

/** Names calls in the current language. */
export function useCallName(): (call: Call) => string {
  const { t } = useTranslation('recording');
  const format = useFormat();
  return (call) => {
    const parts = { time: format.near(call.started_at), direction: t(`call.${directionOf(call)}`) };
    const number = otherPartyNumber(call);
    return number === null ? t('heading_plain', parts) : t('heading', { ...parts, number });
  };
}
