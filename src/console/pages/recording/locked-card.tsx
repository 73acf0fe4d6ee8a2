// Without a session: whether one may listen, waits, or must ask, and the checks that say why.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Headphones, Hourglass, Lock, type LucideIcon, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call, newKey } from '../../api/client.ts';
import { requestQuery } from '../../api/queries.ts';
import type { Access, Recording } from '../../api/types.ts';
import { StateCard, type Tone } from '../../components/state-card.tsx';
import { tellProblem } from '../../components/tell.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { KeptDraft } from '../../player/state-cards.tsx';
import { ChecksList } from './checks-list.tsx';
import { answerQuery } from './queries.ts';

type Props = { readonly recording: Recording; readonly onOpen: () => void; readonly onActivity: () => void };

export function LockedCard({ recording, onOpen, onActivity }: Props) {
  const { t } = useTranslation('recording');
  const { access } = recording;
  const said = useStanding(recording, onOpen);
  const purpose = access.purpose ?? 'quality';
  const answer = useQuery({ ...answerQuery(recording.id, purpose), enabled: access.state !== 'listen' }).data;
  return (
    <>
      <StateCard icon={said.icon} tone={said.tone} title={said.title} action={said.action}>
        {said.text}
      </StateCard>
      {answer === undefined || access.state === 'listen' ? null : (
        <section className="card why" aria-label={t('locked.see_checks')}>
          <h2>{t('locked.checks')}</h2>
          <ChecksList checks={answer.checks} />
        </section>
      )}
      <section className="card flat">
        <span className="flat-lane" aria-hidden="true" />
        <p>
          {t('flat')}
          <button type="button" className="link" onClick={onActivity}>
            {t('who_heard')}
          </button>
        </p>
        <span className="flat-lane" aria-hidden="true" />
      </section>
      <KeptDraft recording={recording.id} />
    </>
  );
}

type Standing = {
  readonly icon: LucideIcon;
  readonly tone: Tone;
  readonly title: string;
  readonly text: ReactNode;
  readonly action: ReactNode;
};

function useStanding(recording: Recording, onOpen: () => void): Standing {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const words = useWords();
  const { access, id } = recording;
  const name = access.decided_by?.name ?? null;
  const ask = (label: string) => (
    <Link to="/recordings/$id/ask" params={{ id }} className="btn s p">
      {label}
    </Link>
  );
  const reason = access.reason === null ? '' : t('locked.denied_reason', { reason: access.reason });
  const again = { icon: Lock, tone: 'plain', action: ask(t('locked.again')) } as const;
  switch (access.state) {
    case 'listen': {
      const told = {
        time: access.until === null ? '' : format.near(access.until),
        purpose: words.purpose(access.purpose ?? ''),
      };
      const action = (
        <button type="button" className="btn p" onClick={onOpen}>
          <Play className="i s fill" />
          {t('locked.listen')}
        </button>
      );
      const text = access.until === null ? t('locked.may_plain') : t('locked.may_text', told);
      return { icon: Headphones, tone: 'plain', title: t('locked.may'), text, action };
    }
    case 'pending':
      return {
        icon: Hourglass,
        tone: 'wait',
        title: t('locked.pending', { count: waitingFor(access) }),
        text: <Waiting recording={recording} />,
        action: <Withdraw request={access.request} />,
      };
    case 'denied':
      return {
        ...again,
        tone: 'no',
        title: name === null ? t('locked.denied') : t('locked.denied_by', { name }),
        text: reason + t('locked.denied_text'),
      };
    case 'revoked':
      return {
        ...again,
        title: name === null ? t('locked.revoked') : t('locked.revoked_by', { name }),
        text: reason + t('locked.revoked_text'),
      };
    case 'cancelled':
    case 'expired':
    case 'used':
      return { ...again, title: t(`locked.${access.state}`), text: t(`locked.${access.state}_text`) };
    case 'unavailable':
      return {
        icon: Lock,
        tone: 'plain',
        title: t('locked.unavailable'),
        text: access.code === null ? '' : words.checkCode(access.code),
        action: undefined,
      };
    case 'ask':
      return { ...again, title: t('locked.ask'), text: t('locked.ask_text'), action: ask(t('locked.ask_action')) };
  }
}

function waitingFor({ approvals }: Access): number {
  return approvals === null ? 1 : Math.max(1, approvals.needed - approvals.given);
}

function Waiting({ recording }: { readonly recording: Recording }) {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const { request, purpose } = recording.access;
  const asked = useQuery({ ...requestQuery(request ?? ''), enabled: request !== null }).data;
  const answer = useQuery(answerQuery(recording.id, purpose ?? 'quality')).data;
  const names = (answer?.deciders ?? []).slice(0, 3).flatMap((one) => one.name ?? []);
  return (
    <>
      {asked === undefined ? null : t('locked.pending_text', { ago: format.ago(asked.created) })}
      {names.length === 0 ? null : t('locked.pending_who', { names: format.list(names) })}
    </>
  );
}

function Withdraw({ request }: { readonly request: string | null }) {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const client = useQueryClient();
  const asked = useQuery({ ...requestQuery(request ?? ''), enabled: request !== null }).data;
  const withdraw = useMutation({
    mutationFn: () => call('POST', `/v1/access-requests/${request ?? ''}/cancel`, { key: newKey() }),
    onError: tellProblem,
    onSettled: () =>
      Promise.all(
        ['recording', 'recordings', 'requests', 'request'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      ),
  });
  if (request === null) return null;
  return (
    <>
      <button type="button" className="btn s" disabled={withdraw.isPending} onClick={() => withdraw.mutate()}>
        {t('locked.withdraw')}
      </button>
      {asked === undefined ? null : (
        <span className="mute">{t('locked.pending_until', { time: format.near(asked.expires) })}</span>
      )}
    </>
  );
}
