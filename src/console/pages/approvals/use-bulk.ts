// Decisions on many requests at once: which are possible, and what came of each.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { DecidedBody } from '../../../http/reply-types.ts';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { confirmDecisions, type DecisionInput, openDecisions } from '../../api/decision-proof.ts';
import { problemOf } from '../../api/problem.ts';
import { useRefetch } from '../../api/query-client.ts';
import type { Proof } from '../../api/step-up.ts';
import type { AccessRequestView } from '../../api/types.ts';
import { notifyProblem } from '../../components/notify.ts';
import { noteDecision } from './use-decide.ts';

export type Outcome = Omit<DecidedBody['data'][number], 'request' | 'grant'>;
export type Outcomes = ReadonlyMap<string, Outcome>;

/** Codes of requests by id; and the code of what prevents all of them. */
type Impossible = { readonly codes: ReadonlyMap<string, string>; readonly all: string | null };

/** Decisions, and the reason of the denials among them. */
export type BulkDecision = { readonly decisions: readonly DecisionInput[]; readonly reason?: string };

/** What cannot be approved now; asked once, without the passkey. `all`: why none of them can. */
export function useImpossible(requests: readonly AccessRequestView[], enabled: boolean): Impossible {
  const ids = requests.map(({ id }) => id);
  const { data, error } = useQuery({
    queryKey: ['possible-decisions', ids],
    queryFn: async ({ signal }) => {
      const { refused } = await openDecisions(
        ids.map((request) => ({ request, decision: 'approve' })),
        signal,
      );
      return refused;
    },
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const code = problemOf(error)?.checks.find(({ ok }) => ok !== true)?.['code'];
  return {
    codes: new Map((data ?? []).map(({ request, code }) => [request, code])),
    all: typeof code === 'string' ? code : null,
  };
}

/** Decides with one touch of the passkey, if the person has one; `outcomes` are of all decisions made here. */
export function useBulk(proof: Proof) {
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const [outcomes, setOutcomes] = useState<Outcomes>(new Map());
  const decide = useMutation({
    mutationFn: async ({ decisions: wanted, reason }: BulkDecision) => {
      const { refused = [], ...signed } = proof === 'passkey' ? await confirmDecisions(wanted) : { decisions: wanted };
      const { decisions } = signed;
      const given = 'proof' in signed ? { proof: signed.proof } : {};
      const body = { decisions, ...given, ...(reason === undefined ? {} : { reason }) };
      const key = keyFor([decisions, reason]);
      const { data } = await fetchJson<DecidedBody>('POST', '/v1/access-requests/decide', { body, key });
      return [...data, ...refused.map((one) => ({ ...one, outcome: 'refused' as const }))];
    },
    onSuccess: (made) => {
      noteDecision();
      setOutcomes((before) => new Map([...before, ...made.map(({ request, ...one }) => [request, one] as const)]));
    },
    // A passkey error is shown next to the button.
    onError: (error) => {
      if (problemOf(error) !== null) notifyProblem(error);
    },
    onSettled: () => refetchQueries('requests', 'request', 'grants'),
  });
  return { decide, outcomes, failed: decide.error !== null && problemOf(decide.error) === null };
}
