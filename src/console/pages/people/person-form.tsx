// The form that adds a person, or changes one: roles, training, and the reason that the second person reads.
import { Checkbox, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { proposeChange } from '../../api/change-signature.ts';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ReasonForm } from '../../components/reason-form.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { Person } from './queries.ts';
import { areRolesPossible, PERSON_ROLES, removedOnly } from './roles-fault.ts';

type Props = {
  /** Null: a person to add. */
  readonly person: Person | null;
  readonly close: () => void;
};

export function PersonForm({ person, close }: Props) {
  const { t } = useTranslation('people');
  const words = useWords();
  const off = person?.state === 'off';
  const [name, setName] = useState('');
  const [roles, setRoles] = useState<readonly string[]>(off ? [] : (person?.roles ?? []));
  const [until, setUntil] = useState(off ? '' : (person?.trained_until ?? ''));
  const sameTraining = until === (person?.trained_until ?? '');
  const removed = person !== null && !off && sameTraining ? removedOnly(person.roles, roles) : null;
  const send = useSend({ person, close });
  const row = person === null ? { name: name.trim() } : { id: person.id, ...(off ? { state: 'active' } : {}) };
  const wanted = { ...row, roles, trained_until: until === '' ? null : until };
  const possible = areRolesPossible(roles);
  return (
    <ReasonForm
      asksReason={removed === null}
      signs={removed === null}
      act={t(removed === null ? 'form.propose' : 'form.remove')}
      ready={possible && (person !== null || name.trim() !== '')}
      busy={send.isPending}
      close={close}
      submit={(note) => send.mutate(removed === null ? { note, wanted } : { removed })}
    >
      <p>{t(off ? 'form.back_text' : removed === null ? 'form.text' : 'form.removal_text')}</p>
      {person === null ? (
        <TextInput
          label={t('column.name')}
          maxLength={200}
          required
          withAsterisk={false}
          data-autofocus
          value={name}
          onChange={({ currentTarget: { value } }) => setName(value)}
        />
      ) : null}
      <Checkbox.Group
        label={t('column.roles')}
        error={roles.length > 0 && !possible ? t('form.exclude') : null}
        value={[...roles]}
        onChange={(values) => setRoles(PERSON_ROLES.filter((one) => values.includes(one)))}
      >
        <div className="row wrap g4">
          {PERSON_ROLES.map((role) => (
            <Checkbox key={role} value={role} label={words.role(role)} />
          ))}
        </div>
      </Checkbox.Group>
      <TextInput
        type="date"
        label={t('column.trained')}
        description={t('form.trained_hint')}
        value={until}
        onChange={({ currentTarget: { value } }) => setUntil(value)}
      />
    </ReasonForm>
  );
}

type Sent = { readonly note: string; readonly wanted: object } | { readonly removed: readonly string[] };

/** Proposes the change and opens it; or removes roles at once, which one admin may. */
function useSend({ person, close }: Props) {
  const { t } = useTranslation('people');
  const navigate = useNavigate();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: async (sent: Sent) => {
      if ('removed' in sent) {
        const body = { roles: sent.removed };
        const path = `/v1/people/${person?.id ?? ''}/remove-roles`;
        await fetchJson('POST', path, { body, key: keyFor([path, body]) });
        return null;
      }
      const body = { kind: 'people', note: sent.note, people: [sent.wanted] };
      return proposeChange(body, keyFor(body));
    },
    onSuccess: async (change) => {
      if (change?.isSigned !== false) notify(t(change === null ? 'form.removed' : 'form.proposed'));
      close();
      if (change !== null) await navigate({ to: '/changes/$id', params: { id: change.id } });
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('changes', 'people'),
  });
}
