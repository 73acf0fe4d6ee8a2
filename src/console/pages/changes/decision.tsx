// The decision on a change: checks, approving with a passkey, denying with a reason; for the proposer, withdrawing.
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, KeyRound, Lock, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey } from '../../api/client.ts';
import { can, useMe } from '../../api/current-user.ts';
import { useRefetch } from '../../api/query-client.ts';
import { ConfirmDialog } from '../../components/confirm.tsx';
import { NoPasskey } from '../../components/no-passkey.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ReasonModal } from '../../components/reason-modal.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { PasskeyFailed } from '../approvals/passkey-failed.tsx';
import { CheckLine } from '../ask/checks-card.tsx';
import { ClocksApart, useIsUnwitnessed } from './clock-witness.tsx';
import { isOfDeployment, type OneChange } from './queries.ts';
import { shortDigest } from './short-digest.ts';
import { Unsigned } from './unsigned.tsx';
import { useChangeDecision } from './use-change-decision.ts';

/** What a page adds to the decision: details of its checks, a further button, and what approving does. */
export type DecisionExtra = {
  readonly details: Readonly<Record<string, string>>;
  /** At the right of the passkey's check, which is still to be passed. */
  readonly pending: string;
  readonly beside: ReactNode;
  readonly footnote: string;
};

type Props = { readonly change: OneChange; readonly name: string; readonly extra?: DecisionExtra };

/** The passkey is asked for at the decision; until then this check has not failed. */
const STEP_UP = 'step-up';
const PENDING = { check: STEP_UP, ok: null, code: 'approval_pending' } as const;
/** Checks shown once all have passed: the others say nothing then. */
const SHOWN: readonly string[] = [
  'proposer-signed',
  'base-current',
  'preview-fresh',
  'another-person',
  'approver-role',
];

/** What approving does, where it is not done at once with nothing more to say. */
const FOOTNOTES: { readonly [kind in OneChange['kind']]?: 'footnote_release' | 'footnote_policy' } = {
  release: 'footnote_release',
  policy: 'footnote_policy',
};

function footnoteOf({ kind, facts, answer }: OneChange) {
  if ((answer?.outcomes['erase'] ?? 0) > 0) return 'footnote_erases';
  return facts.length > 0 ? 'footnote_command' : (FOOTNOTES[kind] ?? 'footnote');
}

export function Decision({ change, name, extra }: Props) {
  const { t } = useTranslation('changes');
  const words = useWords();
  const me = useMe();
  if (change.state !== 'open') return <Closed change={change} />;
  if (!change.by_command && change.proposer === me.principal.id) return <Own change={change} />;
  // A command names its operator by staff code, which is their name.
  if (change.by_command && me.principal.roles.includes('operator') && change.proposer === me.principal.name)
    return <OwnCommand change={change} />;
  const failing = change.checks.find(({ ok, check }) => ok !== true && check !== STEP_UP);
  if (!can(me, 'change.decide') || failing !== undefined)
    return (
      <StateCard icon={Lock} title={t('cannot')}>
        <p>{failing === undefined ? null : words.checkCode(failing.code ?? '')}</p>
        {change.confirmer === null ? null : <p>{t(`${confirmerOf(change, change.confirmer)}_confirms`)}</p>}
      </StateCard>
    );
  return <Decide change={change} name={name} {...(extra === undefined ? {} : { extra })} />;
}

function confirmerOf({ tenant }: OneChange, confirmer: 'admin' | 'operator') {
  return isOfDeployment(tenant) ? 'deployment' : confirmer;
}

function isShown(check: string, { preview, retention, by_command, signed }: OneChange): boolean {
  // Until operators have passkeys, a command's proposer is known by staff code alone.
  if (check === 'proposer-signed') return !by_command || signed !== null;
  return SHOWN.includes(check) && (check !== 'preview-fresh' || preview !== null || retention !== null);
}

function Closed({ change }: { readonly change: OneChange }) {
  const { t } = useTranslation('changes');
  const words = useWords();
  const format = useFormat();
  const state = t(`state.${change.state as 'applied'}`);
  return (
    <StateCard icon={CircleCheck} title={t('closed.title')}>
      <p>
        {change.decided === null
          ? t('closed.alone', { state })
          : t('closed.by', { state, name: words.person(change.decider_name), ago: format.ago(change.decided) })}
      </p>
      {change.reason === null ? null : (
        <p>
          “<UserText text={change.reason} />”
        </p>
      )}
    </StateCard>
  );
}

/** A command withdraws what it proposed. */
function OwnCommand({ change }: { readonly change: OneChange }) {
  const { t } = useTranslation('changes');
  return (
    <>
      {change.signed === null ? <Unsigned change={change} /> : null}
      <StateCard icon={Undo2} title={t('own')}>
        <p>{t('own_text')}</p>
        <p>{t('own_command', { id: change.id })}</p>
      </StateCard>
    </>
  );
}

function Own({ change }: { readonly change: OneChange }) {
  const { t } = useTranslation('changes');
  const refetchQueries = useRefetch();
  const [asking, { open, close }] = useDisclosure(false);
  const withdraw = useMutation({
    mutationFn: () => fetchJson('POST', `/v1/changes/${change.id}/withdraw`, { key: newIdempotencyKey() }),
    onSuccess: () => notify(t('withdrawn')),
    onError: notifyProblem,
    onSettled: async () => {
      close();
      await refetchQueries('changes', 'subject-requests');
    },
  });
  return (
    <>
      {change.signed === null ? <Unsigned change={change} /> : null}
      <StateCard
        icon={Undo2}
        title={t('own')}
        action={
          <button type="button" className="btn s no" onClick={open}>
            {t('withdraw')}
          </button>
        }
      >
        {t('own_text')}
        {asking ? (
          <ConfirmDialog
            title={t('withdraw_title')}
            act={t('withdraw')}
            busy={withdraw.isPending}
            onClose={close}
            onAct={() => withdraw.mutate()}
          >
            <p>{t('withdraw_text')}</p>
          </ConfirmDialog>
        ) : null}
      </StateCard>
    </>
  );
}

function Decide({ change, name, extra }: Props) {
  const { t } = useTranslation('changes');
  const { passkeys } = useMe();
  const [refusing, { open, close }] = useDisclosure(false);
  const { approve, refuse, failed } = useChangeDecision(change);
  const busy = approve.isPending || refuse.isPending;
  const digest = shortDigest(change);
  const isUnwitnessed = useIsUnwitnessed(change);
  return (
    <section className="card decide">
      <div className="pad stack">
        <h2>{t('decide')}</h2>
        <ol className="checks" aria-label={t('checks')}>
          {change.checks
            .filter(({ check }) => isShown(check, change))
            .map((check) => (
              <CheckLine key={check.check} check={check} isFirst={false} detail={extra?.details[check.check] ?? ''} />
            ))}
          {extra === undefined ? null : <CheckLine check={PENDING} isFirst={false} detail={extra.pending} />}
        </ol>
        {passkeys.length === 0 ? (
          <NoPasskey />
        ) : (
          <>
            {isUnwitnessed ? <ClocksApart /> : null}
            <button type="button" className="btn p l" disabled={busy || isUnwitnessed} onClick={() => approve.mutate()}>
              <KeyRound className="i" />
              {t('approve')}
            </button>
            {failed.approve ? <PasskeyFailed /> : null}
            <div className={extra === undefined ? 'stack' : 'halves'}>
              {extra?.beside}
              <button type="button" className="btn no" disabled={busy} onClick={open}>
                {t('refuse')}
              </button>
            </div>
          </>
        )}
      </div>
      <p className="decide-foot">{extra?.footnote ?? t(footnoteOf(change), { digest })}</p>
      {isOfDeployment(change.tenant) ? null : (
        <ReasonModal
          opened={refusing}
          close={close}
          title={t('refuse_title')}
          hint={t('refuse_hint', { name })}
          act={t('refuse_now')}
          busy={refuse.isPending}
          failed={failed.refuse ? <PasskeyFailed /> : null}
          submit={(reason) => refuse.mutate(reason, { onSuccess: close })}
        />
      )}
      {isOfDeployment(change.tenant) && refusing ? (
        <ConfirmDialog
          title={t('refuse_title')}
          act={t('refuse_now')}
          busy={refuse.isPending}
          onClose={close}
          onAct={() => refuse.mutate(null, { onSuccess: close })}
        >
          <p>{t('refuse_deployment')}</p>
          {failed.refuse ? <PasskeyFailed /> : null}
        </ConfirmDialog>
      ) : null}
    </section>
  );
}
