// Proposing a policy: the one in force to edit, then what it changes and would have done, then the reason.
import { Checkbox, Select } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { proposeChange } from '../../api/change-signature.ts';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ProposeDialog } from '../../components/propose-dialog.tsx';
import { ReasonForm } from '../../components/reason-form.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { PolicyDifferenceCard } from '../changes/policy-difference.tsx';
import { ReplayCard } from '../changes/policy-replay.tsx';
import type { PolicyEffects } from '../changes/queries.ts';
import { editedPolicy } from './limit-fields.tsx';
import { PURPOSES } from './policy-table.tsx';
import { type OnePolicy, type PolicyData, versionQuery } from './queries.ts';
import { edited, FIRST_RULE, ForAllFields, RuleFields } from './rule-fields.tsx';

export function ProposePolicy({ base }: { readonly base: string }) {
  const { t } = useTranslation('policy');
  return (
    <ProposeDialog
      query={versionQuery(base)}
      button={t('propose')}
      title={t('propose_title')}
      cancel={t('cancel')}
      size="lg"
    >
      {(version, close) => <Steps version={version} close={close} />}
    </ProposeDialog>
  );
}

function Steps({ version, close }: { readonly version: OnePolicy; readonly close: () => void }) {
  const [wanted, setWanted] = useState(version.policy);
  const preview = useMutation({
    mutationFn: () => {
      const body = { base: version.id, policy: wanted };
      return fetchJson<PolicyEffects>('POST', '/v1/policies/preview', { body });
    },
    onError: notifyProblem,
  });
  if (preview.data !== undefined)
    return (
      <Confirm base={version.id} policy={wanted} effects={preview.data} back={() => preview.reset()} close={close} />
    );
  const compare = (): void => preview.mutate();
  return <Edit policy={wanted} setPolicy={setWanted} compare={compare} busy={preview.isPending} close={close} />;
}

type EditProps = {
  readonly policy: PolicyData;
  readonly setPolicy: (policy: PolicyData) => void;
  readonly compare: () => void;
  readonly busy: boolean;
  readonly close: () => void;
};

function Edit({ policy, setPolicy, compare, busy, close }: EditProps) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const [purpose, setPurpose] = useState<(typeof PURPOSES)[number]>('quality');
  const rule = policy.purposes[purpose];
  const { [purpose]: _, ...others } = policy.purposes;
  return (
    <ReasonForm asksReason={false} act={t('compare')} busy={busy} close={close} submit={compare}>
      <p>{t('propose_text')}</p>
      <Select
        label={t('purpose')}
        data={PURPOSES.map((value) => ({ value, label: words.purpose(value) }))}
        value={purpose}
        allowDeselect={false}
        onChange={(value) => setPurpose((value ?? purpose) as typeof purpose)}
      />
      <Checkbox
        label={t('is_allowed')}
        checked={rule !== undefined}
        onChange={({ currentTarget: { checked } }) =>
          setPolicy({ ...policy, purposes: checked ? { ...others, [purpose]: FIRST_RULE } : others })
        }
      />
      {rule === undefined ? null : (
        <RuleFields
          rule={rule}
          edit={(more) => setPolicy({ ...policy, purposes: { ...others, [purpose]: edited(rule, more) } })}
        />
      )}
      <h3>{t('everyone')}</h3>
      <ForAllFields policy={policy} edit={(more) => setPolicy(editedPolicy(policy, more))} />
    </ReasonForm>
  );
}

type ConfirmProps = {
  readonly base: string;
  readonly policy: PolicyData;
  readonly effects: PolicyEffects;
  readonly back: () => void;
  readonly close: () => void;
};

function Confirm({ base, policy, effects, back, close }: ConfirmProps) {
  const { t } = useTranslation('policy');
  const navigate = useNavigate();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const propose = useMutation({
    mutationFn: (note: string) => {
      const body = { kind: 'policy', note, base, policy };
      return proposeChange(body, keyFor(body));
    },
    onSuccess: async ({ id, isSigned }) => {
      if (isSigned) notify(t('proposed'));
      close();
      // Without a signature no one can approve it: its proposer signs it on the page of changes.
      await navigate({ to: isSigned ? '/policy/$id' : '/changes/$id', params: { id } });
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('changes', 'policies'),
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
      <PolicyDifferenceCard difference={effects.difference} />
      <ReplayCard replay={effects.replay} />
    </ReasonForm>
  );
}
