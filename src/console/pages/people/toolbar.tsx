// What an admin proposes from the people page: a person, an import; the export; and what waits for a second person.
import { Modal } from '@mantine/core';
import { Download, Upload, UserRoundPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson } from '../../api/client.ts';
import { notifyProblem } from '../../components/notify.ts';
import { saveFile } from '../../components/save-file.ts';
import { WaitingChanges } from '../../components/waiting-changes.tsx';
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
  return (
    <WaitingChanges
      kind="people"
      className="ppl-wait"
      waiting={(count) => t('waiting', { count })}
      by={(proposed) => t('waiting_by', proposed)}
      review={t('review')}
    />
  );
}
