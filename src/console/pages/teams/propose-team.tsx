// Proposing a team: the form, then what it changes, then the reason that the second person reads.
import { Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { proposeChange } from '../../api/change-signature.ts';
import { useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ProposeDialog } from '../../components/propose-dialog.tsx';
import { TeamCard } from '../changes/team.tsx';
import type { Person } from '../people/queries.ts';
import { everyoneQuery, type Team } from './queries.ts';
import { TeamForm } from './team-form.tsx';
import { ableToJoin, changeOf, draftOf, isSame, type TeamDraft, wantedOf } from './wanted.ts';

/** `team` null: a new one. */
export function ProposeTeam({ team }: { readonly team: Team | null }) {
  const { t } = useTranslation('teams');
  return (
    <ProposeDialog
      query={everyoneQuery}
      button={t(team === null ? 'add' : 'change')}
      title={team === null ? t('add_title') : t('change_title', { name: team.name })}
      cancel={t('cancel')}
      size="lg"
    >
      {(people, close) => <Steps team={team} people={people} close={close} />}
    </ProposeDialog>
  );
}

type StepsProps = { readonly team: Team | null; readonly people: readonly Person[]; readonly close: () => void };

function Steps({ team, people, close }: StepsProps) {
  const { i18n } = useTranslation('teams');
  const [draft, setDraft] = useState(() => draftOf(team));
  const [comparing, setComparing] = useState(false);
  const able = ableToJoin(people, i18n.language);
  if (comparing)
    return <Compare team={team} draft={draft} able={able} back={() => setComparing(false)} close={close} />;
  return <TeamForm draft={draft} able={able} setDraft={setDraft} compare={() => setComparing(true)} close={close} />;
}

type CompareProps = {
  readonly team: Team | null;
  readonly draft: TeamDraft;
  readonly able: readonly Person[];
  readonly back: () => void;
  readonly close: () => void;
};

function Compare({ team, draft, able, back, close }: CompareProps) {
  const { t } = useTranslation('teams');
  const [note, setNote] = useState('');
  const wanted = wantedOf(draft, team, able);
  const change = changeOf(wanted, team, able);
  const same = isSame(change);
  const propose = usePropose(close);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!propose.isPending) propose.mutate({ kind: 'team', note: note.trim(), ...wanted });
  };
  return (
    <form className="stack g4" onSubmit={submit}>
      {same ? <p>{t('form.same')}</p> : <TeamCard team={change} />}
      {same ? null : (
        <Textarea
          label={t('form.note')}
          description={t('form.note_hint')}
          autosize
          minRows={2}
          maxLength={500}
          required
          withAsterisk={false}
          data-autofocus
          value={note}
          onChange={({ currentTarget: { value } }) => setNote(value)}
        />
      )}
      <div className="row">
        <button type="button" className="btn" onClick={back}>
          {t('form.back')}
        </button>
        <span className="grow" />
        <button type="submit" className="btn p" disabled={same || note.trim().length < 3 || propose.isPending}>
          {t('form.propose')}
        </button>
      </div>
    </form>
  );
}

function usePropose(close: () => void) {
  const { t } = useTranslation('teams');
  const navigate = useNavigate();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: (body: object) => proposeChange(body, keyFor(body)),
    onSuccess: async ({ id, isSigned }) => {
      if (isSigned) notify(t('form.proposed'));
      close();
      await navigate({ to: '/changes/$id', params: { id } });
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('changes', 'teams'),
  });
}
