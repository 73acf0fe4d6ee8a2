// Decision on the chosen requests: time and objects of each, one touch for all, one reason for those denied.
import { useDisclosure } from '@mantine/hooks';
import { KeyRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Proof } from '../../api/step-up.ts';
import type { AccessRequestView } from '../../api/types.ts';
import { NoPasskey } from '../../components/no-passkey.tsx';
import { ReasonModal } from '../../components/reason-modal.tsx';
import { useShortcuts } from '../../components/use-shortcuts.ts';
import { settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { clockLimitsOf, SignedLine } from './clock-pick.tsx';
import { type Limits, LimitsPick, limitsOf, useLimits } from './limits-pick.tsx';
import { PasskeyFailed } from './passkey-failed.tsx';
import type { useBulk } from './use-bulk.ts';
import { useButtonsReady } from './use-decide.ts';

type Props = {
  readonly name: string;
  readonly all: number;
  /** Requests that were chosen, and those that were not; neither is decided yet. */
  readonly chosen: readonly AccessRequestView[];
  readonly others: readonly AccessRequestView[];
  readonly proof: Proof;
  readonly bulk: ReturnType<typeof useBulk>;
  /** How many decisions the policy allows at once. */
  readonly most: number;
};

export function BulkDecideCard({ name, all, chosen, others, proof, bulk, most }: Props) {
  const { t } = useTranslation('approvals');
  const { decideKeys } = useStore(settings);
  const [denying, { open, close }] = useDisclosure(false);
  const [limits, setLimits] = useLimits();
  const { decide, failed } = bulk;
  const ready = useButtonsReady() && !decide.isPending;
  const can = ready && chosen.length > 0 && chosen.length <= most;
  const approve = (): void => {
    if (!can) return;
    // One end of the window for all of them.
    const clock = clockLimitsOf(limits.clock);
    const decisions = chosen.map((request) => ({ ...approvalWithin(request, limits), ...clock }));
    decide.mutate({ decisions });
  };
  const deniable = ready && others.length > 0 && others.length <= most;
  const deny = (reason: string): void => {
    const decisions = others.map(({ id }) => ({ request: id, decision: 'deny' as const }));
    decide.mutate({ decisions, reason }, { onSuccess: close });
  };
  useShortcuts({ a: approve, r: deniable ? open : () => undefined }, decideKeys && !denying && proof !== null);
  if (proof === null) return <NoPasskey />;
  return (
    <section className="card decide">
      <div className="pad stack">
        <div className="row">
          <h2>{t('decide')}</h2>
          <span className="grow" />
          <span className="dim small">{t('bulk.chosen', { count: chosen.length, all })}</span>
        </div>
        <LimitsPick requests={chosen} limits={limits} pick={setLimits} />
        <SignedOfAll chosen={chosen} limits={limits} proof={proof} />
      </div>
      <div className="pad stack bulk-bar">
        <button type="button" className="btn p l" disabled={!can} onClick={approve}>
          <KeyRound className="i" />
          {t(proof === 'link' ? 'bulk.approve_by_link' : 'bulk.approve', { count: chosen.length })}
          {decideKeys ? <kbd>A</kbd> : null}
        </button>
        {failed && !denying ? <PasskeyFailed /> : null}
        {chosen.length > most ? <p className="no small">{t('bulk.too_many', { count: most })}</p> : null}
        {others.length === 0 ? null : (
          <button type="button" className="btn no" disabled={!deniable} onClick={open}>
            {t('bulk.deny', { count: others.length })}
            {decideKeys ? <kbd>R</kbd> : null}
          </button>
        )}
      </div>
      <p className="decide-foot">
        {t(proof === 'link' ? 'footnote_link' : 'bulk.footnote', { name, count: chosen.length })}
      </p>
      <ReasonModal
        opened={denying}
        close={close}
        title={t('bulk.deny_title', { count: others.length })}
        hint={t('refuse_hint', { name })}
        act={t('refuse_now')}
        busy={decide.isPending}
        failed={failed ? <PasskeyFailed /> : null}
        submit={deny}
      />
    </section>
  );
}

function approvalWithin(request: AccessRequestView, limits: Limits) {
  return { request: request.id, decision: 'approve' as const, ...limitsOf(request, limits) };
}

/** What is signed of all approvals together. */
function SignedOfAll({ chosen, limits, proof }: Pick<Props, 'chosen' | 'proof'> & { readonly limits: Limits }) {
  const [first] = chosen;
  if (first === undefined) return null;
  const left = chosen.map((request) => limitsOf(request, limits));
  const minutes = left.map((one) => one.minutes);
  const objects = [...new Set(left.flatMap((one) => one.objects))].sort();
  const range = [Math.min(...minutes), Math.max(...minutes)] as const;
  return <SignedLine purpose={first.purpose} clock={limits.clock} objects={objects} minutes={range} proof={proof} />;
}
