// A live grant: who may listen to what, and ending it, or all of its holder or on its recording, with a reason.
import { useMutation } from '@tanstack/react-query';
import { Square } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RevokedBody } from '../../../http/reply-types.ts';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { useNow } from '../../api/server-clock.ts';
import type { Grant } from '../../api/types.ts';
import { Avatar } from '../../components/avatar.tsx';
import { GrantClock, isWaiting } from '../../components/grant-clock.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ReasonModal } from '../../components/reason-modal.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { FactsCard } from './facts-card.tsx';

/** Which grants end: the shown one, all of its holder, or all on its recording. */
type Scope = 'grant' | 'person' | 'recording';

type Props = {
  readonly grant: Grant;
  /** All live grants, the shown one among them. */
  readonly live: readonly Grant[];
};

export function LiveDetail({ grant, live }: Props) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  const format = useFormat();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const [ending, setEnding] = useState<Scope | null>(null);
  const close = (): void => setEnding(null);
  const now = useNow(1_000);
  const name = words.person(grant.requester_name);
  const end = useMutation({
    mutationFn: async ({ scope, reason }: { readonly scope: Scope; readonly reason: string }) => {
      if (scope === 'grant') {
        const key = keyFor([grant.id, reason]);
        await fetchJson('POST', `/v1/grants/${grant.id}/revoke`, { body: { reason }, key });
        return;
      }
      const body = { [scope]: grant[scope], reason };
      // Again where more are left than one call ends; without a key, since each call ends others.
      while ((await fetchJson<RevokedBody>('POST', '/v1/grants/revoke', { body })).more);
    },
    onSuccess: () => {
      close();
      notify(t('ended'));
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('grants'),
  });
  return (
    <div className="dt">
      <div className="stack dt-main">
        <header className="row g3">
          <Avatar name={name} size="l" />
          <div className="grow">
            <h2 className="dt-title">{t('live_title', { name })}</h2>
            <p className="dim">
              {t('live_line', { approved: format.near(grant.approved), until: format.near(grant.expires) })}
            </p>
          </div>
        </header>
        <FactsCard facts={grant.recording_facts} />
      </div>
      <aside className="stack dt-side" aria-label={name}>
        <section className="card pad stack g3">
          <div className="row">
            <span className="tag line tall">{words.purpose(grant.purpose)}</span>
            <span className="grow" />
            <b className={isWaiting(grant) ? 'small' : 'live-left num'} role="timer">
              <GrantClock grant={grant} now={now} />
            </b>
          </div>
          <p className="dim">{words.objects(grant.objects)}</p>
          <p className="dim">{t('uses', { left: grant.uses_left, all: grant.uses ?? grant.uses_left })}</p>
          <button type="button" className="btn no" onClick={() => setEnding('grant')}>
            <Square className="i s fill" />
            {t('end')}
          </button>
          {(['person', 'recording'] as const).map((scope) => {
            const count = live.filter((one) => one[scope] === grant[scope]).length;
            return count < 2 ? null : (
              <button key={scope} type="button" className="btn no" onClick={() => setEnding(scope)}>
                {t(`end_all.${scope}`, { count, name })}
              </button>
            );
          })}
        </section>
      </aside>
      <ReasonModal
        opened={ending !== null}
        close={close}
        title={ending === null || ending === 'grant' ? t('end_title') : t(`end_all.${ending}_title`, { name })}
        text={t('end_text')}
        hint={t('refuse_hint', { name })}
        act={t('end_now')}
        busy={end.isPending}
        submit={(reason) => end.mutate({ scope: ending ?? 'grant', reason })}
      />
    </div>
  );
}
