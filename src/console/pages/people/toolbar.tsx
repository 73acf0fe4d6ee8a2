// What an admin proposes from the people page: a person, an import; the export; and what waits for a second person.
import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download, Hourglass, Upload, UserRoundPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson } from '../../api/client.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { notifyProblem } from '../../components/notify.ts';
import { saveFile } from '../../components/save-file.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { ImportForm } from './import-form.tsx';
import { peopleCsv } from './people-csv.ts';
import { PersonForm } from './person-form.tsx';
import { allPeople } from './queries.ts';

export function PeopleToolbar() {
  const { t } = useTranslation('people');
  const [opened, setOpened] = useState<'add' | 'import' | null>(null);
  const close = (): void => setOpened(null);
  const save = () =>
    allPeople(fetchJson).then((people) => saveFile('people.csv', peopleCsv(people), 'text/csv'), notifyProblem);
  return (
    <div className="row wrap">
      <button type="button" className="btn" title={t('export_hint')} onClick={() => void save()}>
        <Download className="i s" />
        {t('export')}
      </button>
      <button type="button" className="btn" onClick={() => setOpened('import')}>
        <Upload className="i s" />
        {t('import.open')}
      </button>
      <button type="button" className="btn" onClick={() => setOpened('add')}>
        <UserRoundPlus className="i s" />
        {t('add')}
      </button>
      <Modal
        opened={opened !== null}
        onClose={close}
        size={opened === 'import' ? 'lg' : 'md'}
        title={t(opened === 'import' ? 'import.title' : 'add_title')}
        closeButtonProps={{ 'aria-label': t('cancel') }}
      >
        {opened === 'import' ? <ImportForm close={close} /> : <PersonForm person={null} close={close} />}
      </Modal>
    </div>
  );
}

/** The changes of people that wait, with a way to the oldest. */
export function WaitingPeople() {
  const { t } = useTranslation('people');
  const words = useWords();
  const format = useFormat();
  const { data } = useQuery(waitingChangesQuery);
  const waiting = data?.data.filter(({ kind }) => kind === 'people') ?? [];
  const oldest = waiting.at(-1);
  if (oldest === undefined) return null;
  const by = { name: words.person(oldest.proposer_name), at: format.near(oldest.opened) };
  return (
    <div className="card ppl-wait">
      <Hourglass className="i wait" />
      <p className="grow">
        <b>{t('waiting', { count: waiting.length })}</b> {waiting.length === 1 ? t('waiting_by', by) : null}
      </p>
      <Link to="/changes/$id" params={{ id: oldest.id }} className="btn p">
        {t('review')}
      </Link>
    </div>
  );
}
