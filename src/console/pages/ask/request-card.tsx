// The next step: request, wait, listen, or nothing for this purpose.
import { useNetwork } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Ban, Clock3, Headphones, Hourglass } from 'lucide-react';
import { type FormEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import type { AccessAnswer, AccessRequest, Policy, Recording } from '../../api/types.ts';
import { useProblemText } from '../../components/error-card.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { StateCard } from '../../components/state-card.tsx';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { ListenLink } from '../../player/sound/listen-link.tsx';
import { LIMIT_CODES, useCodeText } from './checks-card.tsx';
import { Deciders } from './deciders.tsx';
import { isComplete, type RequestDraft, type Rule, requestBodyOf } from './request-draft.ts';
import { PurposeField, RequestFields } from './request-fields.tsx';
import { RequestedFacts } from './requested-facts.tsx';

type Props = {
  readonly answer: AccessAnswer;
  readonly recording: Recording;
  readonly policy: Policy;
  readonly rules: readonly Rule[];
  readonly draft: RequestDraft;
  readonly change: (draft: RequestDraft) => void;
};

/** Failures that depend on the purpose: another purpose may pass. */
const PURPOSE_CODES: readonly string[] = [
  'purpose_not_allowed',
  'role_not_allowed',
  'basis_insufficient',
  'consent_withdrawn',
  'consent_not_stated',
  'consent_not_noticed',
  'notice_unknown',
  'separate_consent_missing',
  'restricted',
  'class_not_allowed',
  'training_missing',
  'training_expired',
];

const TOUCHED_QUERIES = ['access', 'recording', 'recordings', 'requests'];

export function RequestCard(props: Props) {
  const { t } = useTranslation('ask');
  const { answer } = props;
  const card = useRef<HTMLElement>(null);
  const before = useRef(answer.next);
  useEffect(() => {
    // The pressed button disappears with the form, so the focus moves to this card.
    if (before.current !== answer.next && document.activeElement === document.body) card.current?.focus();
    before.current = answer.next;
  }, [answer.next]);
  return (
    <section className="card ask-card" ref={card} tabIndex={-1}>
      <h2>{t(answer.next === 'wait' || answer.next === 'listen' ? 'yours' : 'form.title')}</h2>
      {answer.next === 'ask' ? <RequestForm {...props} /> : <NextStep {...props} />}
    </section>
  );
}

function RequestForm({ answer, recording, policy, rules, draft, change }: Props) {
  const { t } = useTranslation('ask');
  const words = useWords();
  const refetch = useRefetch();
  const router = useRouter();
  const problemText = useProblemText();
  const keyFor = useIdempotencyKey();
  const ask = useMutation({
    mutationFn: () => {
      const body = requestBodyOf(draft, recording.id);
      return fetchJson<AccessRequest>('POST', '/v1/access-requests', { body, key: keyFor(body) });
    },
    onSuccess: () => notify(t('form.asked')),
    onSettled: () => refetch(...TOUCHED_QUERIES),
  });
  const rule = rules.find(({ purpose }) => purpose === draft.purpose);
  const needed = rule?.approvals ?? 1;
  // No one could decide: the request would only wait until it expires.
  const { online } = useNetwork();
  const ready = online && isComplete(draft) && answer.deciders.length >= needed && !ask.isPending;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) ask.mutate();
  };
  const about = (name: string): string | null => {
    if (name === 'audio') return recording.duration_ms === null ? '' : formatClock(recording.duration_ms);
    const tags = recording.objects.flatMap((object) => object.name.split('transcript/').slice(1));
    return tags.length === 0 ? null : tags.map(words.speech).join(' · ');
  };
  return (
    <form className="ask-form" onSubmit={submit}>
      <div className="ask-in stack g4">
        <RequestFields rules={rules} draft={draft} change={change} about={about} />
        <Deciders deciders={answer.deciders} needed={needed} />
        {ask.isError ? (
          <p className="no" role="alert">
            {t('form.not_asked')}: {problemText(ask.error)}
          </p>
        ) : null}
      </div>
      <div className="row g3 ask-foot">
        <p className="grow dim small">
          {t('form.logged')}
          <br />
          {t('form.expires', { hours: policy.request_hours })}
        </p>
        <button type="button" className="btn" onClick={() => router.history.back()}>
          {t('form.cancel')}
        </button>
        <button type="submit" className="btn p" disabled={!ready}>
          {t('form.submit')}
        </button>
      </div>
    </form>
  );
}

function NextStep({ answer, recording, rules, draft, change }: Props) {
  const { t } = useTranslation('ask');
  const words = useWords();
  const format = useFormat();
  const codeOf = useCodeText(recording);
  const { access } = recording;
  const limited = LIMIT_CODES.includes(answer.code ?? '');
  return (
    <div className="ask-in stack g4">
      {rules.length === 0 ? null : <PurposeField rules={rules} draft={draft} change={change} />}
      {answer.next === 'wait' ? (
        <>
          <Waiting answer={answer} until={access.until} />
          <Deciders deciders={answer.deciders} needed={1} />
        </>
      ) : null}
      {answer.next === 'listen' ? (
        <StateCard
          icon={Headphones}
          title={t('ready.title')}
          action={
            <ListenLink recording={recording.id} className="btn p">
              {t('ready.listen')}
            </ListenLink>
          }
        >
          {access?.until
            ? t('ready.text', { purpose: words.purpose(draft.purpose), time: format.near(access.until) })
            : words.purpose(draft.purpose)}
        </StateCard>
      ) : null}
      {answer.next === 'none' ? (
        <StateCard
          icon={limited ? Clock3 : Ban}
          tone={limited ? 'wait' : 'no'}
          title={t(limited ? 'none.limit' : 'none.title')}
        >
          {answer.code === null ? '' : codeOf(answer.code)}
          {rules.length > 1 && PURPOSE_CODES.includes(answer.code ?? '') ? <p>{t('none.other')}</p> : null}
        </StateCard>
      ) : null}
    </div>
  );
}

function Waiting({ answer, until }: { readonly answer: AccessAnswer; readonly until: string | null }) {
  const { t } = useTranslation('ask');
  const refetch = useRefetch();
  const format = useFormat();
  const withdraw = useMutation({
    mutationFn: () => fetchJson('POST', `/v1/access-requests/${answer.request}/cancel`, { key: newIdempotencyKey() }),
    onError: notifyProblem,
    onSettled: () => refetch(...TOUCHED_QUERIES),
  });
  return (
    <StateCard
      icon={Hourglass}
      tone="wait"
      title={t('wait.title')}
      action={
        <>
          <button type="button" className="btn s" disabled={withdraw.isPending} onClick={() => withdraw.mutate()}>
            {t('wait.withdraw')}
          </button>
          {until === null ? null : (
            <span className="mute small">{t('wait.expires', { time: format.near(until) })}</span>
          )}
        </>
      }
    >
      {t('wait.text')}
      {answer.request === null ? null : <RequestedFacts id={answer.request} />}
    </StateCard>
  );
}
