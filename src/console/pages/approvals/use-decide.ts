// Decisions on one request: the passkey signs each, and denying needs a reason.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { confirmDecisions, type DecisionInput } from '../../api/decision-proof.ts';
import { problemOf } from '../../api/problem.ts';
import { useRefetch } from '../../api/query-client.ts';
import type { Proof } from '../../api/step-up.ts';
import type { AccessRequestView } from '../../api/types.ts';
import { notify, notifyProblem } from '../../components/notify.ts';

/** The second click of a double click must not decide on the next request. */
const PAUSE_MS = 700;
let decidedAt = Number.NEGATIVE_INFINITY;

/** Starts the pause. */
export function noteDecision(): void {
  decidedAt = performance.now();
}

/** Whether the buttons of a request that just appeared are enabled. */
export function useButtonsReady(): boolean {
  const [armed, setArmed] = useState(() => performance.now() - decidedAt > PAUSE_MS);
  useEffect(() => {
    if (armed) return;
    const timer = setTimeout(() => setArmed(true), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [armed]);
  return armed;
}

export type ApprovedLimits = {
  readonly minutes: number;
  readonly objects: readonly string[];
  /** Absent: as late as the policy allows. */
  readonly opens_until?: string;
  /** Absent: as the policy allows. */
  readonly extend?: boolean;
};

/** Reductions against the request; undefined without any. */
export function reductionsOf(
  request: Pick<AccessRequestView, 'minutes' | 'objects'>,
  { minutes, objects, ...clock }: ApprovedLimits,
) {
  const less = {
    ...(minutes < request.minutes ? { minutes } : {}),
    ...(objects.length < request.objects.length ? { objects } : {}),
    ...clock,
  };
  return Object.keys(less).length === 0 ? undefined : less;
}

/**
 * Approves or denies one request with the available proof. `failed` is the passkey error; `decided` is called after a
 * decision.
 */
export function useDecide(request: AccessRequestView, proof: Proof, name: string, decided: () => void) {
  const { t } = useTranslation('approvals');
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const path = `/v1/access-requests/${request.id}`;
  // A passkey error is shown next to the button.
  const onError = (error: Error): void => {
    if (problemOf(error) !== null) notifyProblem(error);
  };
  const isPasskeys = (error: Error | null): boolean => error !== null && problemOf(error) === null;
  const onSettled = () => refetchQueries('requests', 'request', 'grants');
  /** What was signed of a decision, as its route takes it. */
  const signed = async (what: Omit<DecisionInput, 'request'>) => {
    const { decisions, proof: given } = await confirmDecisions([{ request: request.id, ...what }]);
    const { request: _, decision: __, ...limits } = decisions[0] ?? { request: '', decision: what.decision };
    return { proof: given, ...limits };
  };
  const approve = useMutation({
    mutationFn: async (narrowed: ApprovedLimits) => {
      const less = reductionsOf(request, narrowed);
      const body = proof === 'passkey' ? await signed({ decision: 'approve', ...less }) : less;
      const key = keyFor([request.id, 'approve', less]);
      await fetchJson('POST', `${path}/approve`, { ...(body === undefined ? {} : { body }), key });
    },
    onSuccess: () => {
      noteDecision();
      notify(t('approved', { name }));
      decided();
    },
    onError,
    onSettled,
  });
  const refuse = useMutation({
    mutationFn: async (reason: string) => {
      const body = { reason, ...(proof === 'passkey' ? await signed({ decision: 'deny' }) : {}) };
      await fetchJson('POST', `${path}/deny`, { body, key: keyFor([request.id, 'deny', reason]) });
    },
    onSuccess: () => {
      noteDecision();
      notify(t('refused', { name }));
      decided();
    },
    onError,
    onSettled,
  });
  const failed = { approve: isPasskeys(approve.error), refuse: isPasskeys(refuse.error) };
  return { approve, refuse, failed };
}
