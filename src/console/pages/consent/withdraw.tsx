// Recording that a caller withdrew consent: by a number or a field, from when, for which purposes; what it does first.
import { Checkbox, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { useNow } from '../../api/server-clock.ts';
import { useProblemText } from '../../components/error-card.tsx';
import { notify } from '../../components/notify.ts';
import { ReasonForm } from '../../components/reason-form.tsx';
import { areTerms, searchOf, type Term } from '../../components/search-terms.ts';
import { TermFields } from '../../components/term-fields.tsx';
import { timeAt, wallTimeOf } from '../../i18n/days.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';

const PURPOSES = ['quality', 'complaint', 'training', 'dispute', 'legal', 'subject-request'] as const;
/** A withdrawal does not forbid these. */
const ALWAYS: readonly string[] = ['legal', 'subject-request'];

export function WithdrawButton() {
  const { t } = useTranslation('consent');
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <button type="button" className="btn s" onClick={open}>
        {t('withdraw')}
      </button>
      <Modal
        opened={opened}
        onClose={close}
        size="lg"
        title={t('withdraw_title')}
        closeButtonProps={{ 'aria-label': t('cancel') }}
      >
        <WithdrawForm close={close} />
      </Modal>
    </>
  );
}

function WithdrawForm({ close }: { readonly close: () => void }) {
  const { t } = useTranslation('consent');
  const words = useWords();
  const { timeZone } = useFormat();
  const textOf = useProblemText();
  const now = useNow(60_000);
  const [terms, setTerms] = useState<readonly Term[]>([{ key: 1, name: 'number', text: '' }]);
  const [at, setAt] = useState('');
  const [purposes, setPurposes] = useState<readonly string[]>([]);
  const withdraw = useWithdraw(close);
  const isFuture = at !== '' && Date.parse(timeAt(at, timeZone)) > now;
  const ready = terms.length > 0 && areTerms(terms) && !isFuture;
  return (
    <ReasonForm
      removes
      act={t('withdraw_now')}
      hint={t('reason_hint')}
      ready={ready}
      busy={withdraw.isPending}
      close={close}
      failed={<div role="alert">{withdraw.error === null ? null : <p className="no">{textOf(withdraw.error)}</p>}</div>}
      submit={(reason) =>
        withdraw.mutate({
          ...searchOf(terms),
          ...(at === '' ? {} : { at: timeAt(at, timeZone) }),
          ...(purposes.length === 0 ? {} : { purposes }),
          reason,
        })
      }
    >
      <div className="warn-box row top-row">
        <TriangleAlert className="i wait" />
        <ul className="grow warn-list">
          {(['calls', 'listening', 'expiry', 'undo'] as const).map((line) => (
            <li key={line}>{t(`does.${line}`)}</li>
          ))}
        </ul>
      </div>
      <TermFields
        legend={t('whose')}
        hint={t('whose_hint')}
        add={t('add_term')}
        names={['number']}
        terms={terms}
        change={setTerms}
      />
      <TextInput
        type="datetime-local"
        label={t('at')}
        description={t('at_hint')}
        error={isFuture ? t('at_future') : null}
        max={wallTimeOf(new Date(now).toISOString(), timeZone)}
        value={at}
        onChange={({ currentTarget: { value } }) => setAt(value)}
      />
      <Checkbox.Group
        label={t('purposes')}
        description={t('purposes_hint')}
        value={[...purposes]}
        onChange={(values) => setPurposes(PURPOSES.filter((one) => values.includes(one)))}
      >
        <div className="row wrap g4 purposes">
          {PURPOSES.filter((one) => !ALWAYS.includes(one)).map((one) => (
            <Checkbox key={one} value={one} label={words.purpose(one)} />
          ))}
        </div>
      </Checkbox.Group>
    </ReasonForm>
  );
}

function useWithdraw(close: () => void) {
  const { t } = useTranslation('consent');
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: (body: object) => fetchJson('POST', '/v1/withdrawals', { body, key: keyFor(body) }),
    onSuccess: () => {
      notify(t('withdrawn'));
      close();
    },
    onSettled: () => refetchQueries('withdrawals', 'recording', 'recordings', 'access'),
  });
}
