// Why an event was allowed: who requested, who approved, and how it ended, from the log itself.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { AuditAction } from '../../../../model/log/event-catalogue.ts';
import { ErrorCard } from '../../../components/error-card.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { useFormat } from '../../../i18n/use-format.ts';
import { useWords } from '../../../i18n/use-words.ts';
import { type ActivityEvent, recordingLogQuery } from '../log/queries.ts';
import type { EventText } from './event-text.ts';

const LINKS = ['request', 'grant', 'session'] as const;

function idsOf({ object }: ActivityEvent): string[] {
  if (object === null) return [];
  const linked = LINKS.map((name) => object[name]).filter((id): id is string => typeof id === 'string');
  return [object.id, ...linked].filter((id) => /^(req|grt|ses)_/.test(id));
}

/** Events of the same recording that belong to the same request as this one, oldest first. */
export function relatedEvents(event: ActivityEvent, all: readonly ActivityEvent[]): ActivityEvent[] {
  const own = idsOf(event);
  // A session names its grant and request, a grant its request: go up to the request, then down to everything that
  // names it.
  const known = new Set(own);
  for (let size = -1; size !== known.size; ) {
    size = known.size;
    for (const one of all) {
      const ids = idsOf(one);
      // Other sessions of the same grant are left out, although one approval allowed them all.
      if (ids.some((id) => known.has(id)))
        for (const id of ids) if (!id.startsWith('ses_') || own.includes(id)) known.add(id);
    }
  }
  const sessions = own.filter((id) => id.startsWith('ses_'));
  return all
    .filter((one) => idsOf(one).some((id) => known.has(id)))
    .filter((one) => one.object?.type !== 'session' || sessions.length === 0 || sessions.includes(one.object.id))
    .filter(({ action }) => /^(access\.(?!read)|grant|session)/.test(action ?? ''))
    .sort((a, b) => a.index - b.index);
}

type Props = { readonly event: ActivityEvent; readonly recording: string; readonly sayings: EventText };

const STEP_OF_ACTION = {
  'access.requested': 'request',
  'access.approved': 'approve',
  'access.denied': 'deny',
  'access.assigned': 'assign',
  'access.cancelled': 'end',
  'access.expired': 'expire',
  'grant.revoked': 'revoke',
  'grant.extended': 'extend',
  'grant.expired': 'expire',
  'grant.done': 'finish',
  'grant.returned': 'giveBack',
  'session.opened': 'open',
  'session.ended': 'end',
} as const satisfies Partial<Record<AuditAction, string>>;

export function WhyAllowed({ event, recording, sayings }: Props) {
  const { t } = useTranslation('activity');
  const format = useFormat();
  const words = useWords();
  const log = useQuery(recordingLogQuery(recording));
  // A decision that was not possible allowed nothing.
  const chain = relatedEvents(event, log.data?.data ?? []).filter(({ outcome }) => outcome !== 'refused');
  const listens = chain.some(({ action }) => action === 'session.opened');
  const approved = chain.some(({ action }) => action === 'access.approved' || action === 'access.assigned');
  return (
    <section className="stack g1">
      <h2>{t('detail.why')}</h2>
      {log.isPending ? <Skeleton rows={2} shape="lines" /> : null}
      {log.isError ? <ErrorCard bare error={log.error} onRetry={() => void log.refetch()} /> : null}
      <dl className="kv">
        {chain.map((one) => {
          const name = STEP_OF_ACTION[one.action as keyof typeof STEP_OF_ACTION];
          const reason = (one.detail as { readonly reason?: unknown } | null)?.reason;
          const how = one.action === 'session.ended' ? sayings.handedOut(one) : sayings.why(one);
          return (
            <div key={one.index}>
              <dt>{name === undefined ? words.action(one.action ?? '', one.object?.type) : t(`detail.${name}`)}</dt>
              <dd className="wrap">
                <span>
                  {t('detail.by', { name: sayings.who(one).name, time: one.at === null ? '' : format.near(one.at) })}
                  {how === null || how === '' ? null : <span className="sub-text">{how}</span>}
                  {typeof reason === 'string' && !(how ?? '').includes(reason) ? (
                    <span className="sub-text">{reason}</span>
                  ) : null}
                </span>
              </dd>
            </div>
          );
        })}
      </dl>
      {log.isSuccess && listens && !approved ? <p className="dim small">{t('detail.chain_missing')}</p> : null}
      <p className="mute small">{t('detail.hide_content')}</p>
    </section>
  );
}
