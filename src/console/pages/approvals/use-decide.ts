// Deciding: approving asks for the passkey each time, refusing for a reason.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { call, newKey } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { type Proof, stepUp } from '../../api/step-up.ts';
import type { AccessRequestView } from '../../api/types.ts';
import { tell, tellProblem } from '../../components/tell.ts';

export type Narrowed = { readonly minutes: number; readonly objects: readonly string[] };

const AFTER = ['requests', 'request', 'grants'];

/** What is less than was asked for; undefined where nothing is. */
export function lessThan(request: Pick<AccessRequestView, 'minutes' | 'objects'>, { minutes, objects }: Narrowed) {
  const less = {
    ...(minutes < request.minutes ? { minutes } : {}),
    ...(objects.length < request.objects.length ? { objects } : {}),
  };
  return Object.keys(less).length === 0 ? undefined : less;
}

/** Approving and refusing one request, each after the proof that there is. `decided` is called after either. */
export function useDecide(request: AccessRequestView, proof: Proof, decided: () => void) {
  const { t } = useTranslation('approvals');
  const client = useQueryClient();
  // The same for a click that is sent again, another for another decision.
  const key = useRef({ meaning: '', key: '' });
  const keyFor = (meaning: string): string => {
    if (key.current.meaning !== meaning) key.current = { meaning, key: newKey() };
    return key.current.key;
  };
  const path = `/v1/access-requests/${request.id}`;
  const onSettled = () => Promise.all(AFTER.map((name) => client.invalidateQueries({ queryKey: [name] })));
  const approve = useMutation({
    mutationFn: async (narrowed: Narrowed) => {
      if (proof === 'passkey') await stepUp();
      const less = lessThan(request, narrowed);
      const body = less === undefined ? {} : { body: less };
      await call('POST', `${path}/approve`, { ...body, key: keyFor(`${request.id}${JSON.stringify(less)}`) });
    },
    onSuccess: () => {
      tell(t('approved'));
      decided();
    },
    onError: (error) => (problemOf(error) === null ? tell(t('passkey_failed')) : tellProblem(error)),
    onSettled,
  });
  const refuse = useMutation({
    mutationFn: async (reason: string) => {
      if (proof === 'passkey') await stepUp();
      await call('POST', `${path}/deny`, { body: { reason }, key: keyFor(`${request.id}${reason}`) });
    },
    onSuccess: () => {
      tell(t('refused'));
      decided();
    },
    onError: (error) => (problemOf(error) === null ? tell(t('passkey_failed')) : tellProblem(error)),
    onSettled,
  });
  return { approve, refuse };
}
