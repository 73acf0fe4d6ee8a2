// Proposing retention rules: a form to edit them, then what they would do to every recording, then the reason.
import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { proposeChange } from '../../api/change-signature.ts';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ReasonForm } from '../../components/reason-form.tsx';
import { PreviewCard } from '../../retention/preview-card.tsx';
import type { RetentionEffects } from '../../retention/queries.ts';
import type { Rules } from '../../retention/rules.ts';
import { RulesTables } from '../../retention/rules-tables.tsx';
import { useVersions } from '../changes/retention-parts.tsx';
import { type Draft, draftOf, rulesFrom } from './edit/draft.ts';
import { EditRules } from './edit/edit-rules.tsx';

type Props = {
  /** The version that the rules are made from; null for a tenant's first. */
  readonly base: string | null;
  /** What the form begins with. */
  readonly rules: Rules;
  readonly close: () => void;
};

export function ProposeRules({ base, rules, close }: Props) {
  const { t } = useTranslation('retentionPage');
  const [draft, setDraft] = useState<Draft>(() => draftOf(rules));
  const preview = useMutation({
    mutationFn: () => {
      const body = { base, rules: rulesFrom(draft) };
      return fetchJson<RetentionEffects>('POST', '/v1/retention/preview', { body });
    },
    onError: (error) => {
      if ((problemOf(error)?.errors.length ?? 0) === 0) notifyProblem(error);
    },
  });
  const rejected = problemOf(preview.error)?.errors ?? [];
  return (
    <Modal
      opened
      onClose={close}
      size="56rem"
      title={t('propose_title')}
      closeButtonProps={{ 'aria-label': t('cancel') }}
    >
      {preview.data === undefined ? (
        <EditRules
          {...{ draft, setDraft, rejected, close }}
          busy={preview.isPending}
          compare={() => preview.mutate()}
        />
      ) : (
        <Confirm effects={preview.data} back={() => preview.reset()} close={close} />
      )}
    </Modal>
  );
}

type ConfirmProps = { readonly effects: RetentionEffects; readonly back: () => void; readonly close: () => void };

function Confirm({ effects, back, close }: ConfirmProps) {
  const { t } = useTranslation('retentionPage');
  const navigate = useNavigate();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const { base, was, set, difference, preview } = effects;
  const versions = useVersions(base);
  const propose = useMutation({
    mutationFn: (note: string) => {
      const body = { kind: 'retention', note, base, rules: set };
      return proposeChange(body, keyFor(body));
    },
    onSuccess: async ({ id, isSigned }) => {
      if (isSigned) notify(t('proposed'));
      close();
      // Without a signature no one can approve it: its proposer signs it on its page.
      await navigate({ to: '/retention/$id', params: { id } });
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('changes', 'retention'),
  });
  return (
    <ReasonForm
      signs
      act={t('propose_now')}
      busy={propose.isPending}
      back={{ label: t('back'), go: back }}
      close={close}
      submit={(note) => propose.mutate(note)}
    >
      <div className="confirm-rules">
        <PreviewCard preview={preview} grace={set.grace} versions={versions} />
        <div className="stack g4">
          <RulesTables set={set} was={was} difference={difference} counts={preview.rules} />
        </div>
      </div>
    </ReasonForm>
  );
}
