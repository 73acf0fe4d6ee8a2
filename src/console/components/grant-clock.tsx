// The clock of a grant in words: what is left of it, or what the first listen will start; and its one extension.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../api/client.ts';
import type { Grant } from '../api/types.ts';
import { formatClock } from '../i18n/format-clock.ts';
import { useFormat } from '../i18n/use-format.ts';
import { notify, notifyProblem } from './notify.ts';

/** Whether the clock of a grant starts with a first listen that has not happened yet. */
export function isWaiting({ opens_until: until, started }: Pick<Grant, 'opens_until' | 'started'>): boolean {
  return until !== null && started === null;
}

/** Since when the clock runs. */
export function clockStart({ approved, started }: Pick<Grant, 'approved' | 'started'>): number {
  return Date.parse(started ?? approved);
}

/** What is left of a grant: a countdown, or the minutes that the first listen will start. */
export function GrantClock({ grant, now }: { readonly grant: Grant; readonly now: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!isWaiting(grant)) return formatClock(Date.parse(grant.expires) - now);
  return t('clock.waiting', { count: grant.minutes ?? 0, time: format.near(grant.expires) });
}

/** The button that extends a running grant, where an extension was approved and not used. */
export function ExtendButton({ grant }: { readonly grant: Grant }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const keyFor = useIdempotencyKey();
  const minutes = grant.extend_minutes;
  const extend = useMutation({
    mutationFn: () => fetchJson('POST', `/v1/grants/${grant.id}/extend`, { key: keyFor([grant.id, 'extend']) }),
    onSuccess: () => notify(t('clock.extended', { count: minutes ?? 0 })),
    onError: notifyProblem,
    onSettled: () => client.invalidateQueries({ queryKey: ['grants'] }),
  });
  if (minutes === null || grant.extended !== null || grant.started === null) return null;
  return (
    <button type="button" className="btn s" disabled={extend.isPending} onClick={() => extend.mutate()}>
      {t('clock.extend', { count: minutes })}
    </button>
  );
}
