// The form of a team: its name, members and leads, and its queues.
import { Checkbox, Textarea, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { Person } from '../people/queries.ts';
import { canLead, queuesFault, type TeamDraft } from './wanted.ts';

type Props = {
  readonly draft: TeamDraft;
  readonly able: readonly Person[];
  readonly setDraft: (draft: TeamDraft) => void;
  readonly compare: () => void;
  readonly close: () => void;
};

export function TeamForm({ draft, able, setDraft, compare, close }: Props) {
  const { t } = useTranslation('teams');
  const edit = (more: Partial<TeamDraft>): void => setDraft({ ...draft, ...more });
  const fault = queuesFault(draft);
  const ready = draft.name.trim() !== '' && fault === null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) compare();
  };
  return (
    <form className="stack g4" onSubmit={submit}>
      <p>{t('form.text')}</p>
      <TextInput
        label={t('column.name')}
        maxLength={200}
        required
        withAsterisk={false}
        data-autofocus
        value={draft.name}
        onChange={({ currentTarget: { value } }) => edit({ name: value })}
      />
      <Members draft={draft} able={able} edit={edit} />
      <Textarea
        label={t('form.queues')}
        description={t('form.queues_hint')}
        error={fault === null ? null : t(`form.${fault}`)}
        autosize
        minRows={3}
        maxRows={8}
        maxLength={5_000}
        value={draft.queues}
        onChange={({ currentTarget: { value } }) => edit({ queues: value })}
      />
      <Checkbox
        label={t('form.without')}
        checked={draft.without}
        onChange={({ currentTarget: { checked } }) => edit({ without: checked })}
      />
      <div className="row">
        <span className="grow" />
        <button type="button" className="btn" onClick={close}>
          {t('cancel')}
        </button>
        <button type="submit" className="btn p" disabled={!ready}>
          {t('form.compare')}
        </button>
      </div>
    </form>
  );
}

type MembersProps = Pick<Props, 'draft' | 'able'> & { readonly edit: (more: Partial<TeamDraft>) => void };

function Members({ draft, able, edit }: MembersProps) {
  const { t, i18n } = useTranslation('teams');
  const words = useWords();
  const [text, setText] = useState('');
  const wanted = text.trim().toLocaleLowerCase(i18n.language);
  const shown = able.filter(({ name }) => (name ?? '').toLocaleLowerCase(i18n.language).includes(wanted));
  const chosen = able.filter(({ id }) => draft.members.includes(id)).length;
  const toggled = (list: readonly string[], id: string, on: boolean): readonly string[] =>
    on ? [...list, id] : list.filter((one) => one !== id);
  return (
    <fieldset className="stack g1 team-people">
      <legend>{t('form.people')}</legend>
      <p className="dim small">{t('form.people_hint')}</p>
      <div className="row">
        <TextInput
          className="grow"
          aria-label={t('form.find')}
          placeholder={t('form.find')}
          leftSection={<Search className="i s" />}
          value={text}
          maxLength={100}
          onChange={({ currentTarget: { value } }) => setText(value)}
        />
        <span className="dim small" aria-live="polite">
          {t('form.chosen', { count: chosen })}
        </span>
      </div>
      <ul className="team-pick">
        {shown.map((person) => {
          const { id, roles } = person;
          const name = words.person(person.name);
          const isMember = draft.members.includes(id);
          return (
            <li key={id} className="row">
              <span className="grow">
                <Checkbox
                  label={
                    <>
                      <UserText text={name} />
                      <span className="sub-text">{roles.map(words.role).join(' · ')}</span>
                    </>
                  }
                  checked={isMember}
                  onChange={({ currentTarget: { checked } }) =>
                    edit({
                      members: toggled(draft.members, id, checked),
                      leads: checked ? draft.leads : toggled(draft.leads, id, false),
                    })
                  }
                />
              </span>
              {isMember && canLead(person) ? (
                <Checkbox
                  label={t('form.leads')}
                  aria-label={t('form.leads_of', { name })}
                  checked={draft.leads.includes(id)}
                  onChange={({ currentTarget: { checked } }) => edit({ leads: toggled(draft.leads, id, checked) })}
                />
              ) : null}
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}
