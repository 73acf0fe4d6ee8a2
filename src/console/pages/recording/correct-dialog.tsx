// Dialog that corrects facts of a recording: only what was changed is sent, with a reason.
import './changes.css';
import { Modal, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';
import type { OneRecording } from '../../api/types.ts';
import { useProblemText } from '../../components/error-card.tsx';
import { notify } from '../../components/notify.ts';
import { recordingQuery } from '../ask/queries.ts';
import { Difference } from './changes-tab.tsx';
import { changedKeys, changedMeanwhile, mergedTexts, patchOf, type Texts, textsOf } from './correction-draft.ts';
import { CorrectionFields } from './correction-fields.tsx';
import { useFacts } from './use-facts.ts';

const MOST_REASON = 500;

export function CorrectButton({ recording }: { readonly recording: OneRecording }) {
  const { t } = useTranslation('recording');
  const [opened, setOpened] = useState(false);
  if (recording.correctable.length === 0) return null;
  return (
    <div>
      <button type="button" className="btn s" onClick={() => setOpened(true)}>
        <Pencil className="i s" />
        {t('correct.open')}
      </button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t('correct.title')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <CorrectionForm recording={recording} onDone={() => setOpened(false)} />
      </Modal>
    </div>
  );
}

type FormProps = { readonly recording: OneRecording; readonly onDone: () => void };

function CorrectionForm({ recording, onDone }: FormProps) {
  const { t } = useTranslation('recording');
  const client = useQueryClient();
  const keyOf = useIdempotencyKey();
  // What was read when the person began, or after they saw what others had changed.
  const [read, setRead] = useState(recording);
  const [texts, setTexts] = useState<Texts>(() => textsOf(recording));
  const [reason, setReason] = useState('');
  const [state, setState] = useState<{ readonly busy: boolean; readonly failed: unknown }>({
    busy: false,
    failed: null,
  });
  const [others, setOthers] = useState<
    readonly { readonly key: string; readonly before: string; readonly after: string }[]
  >([]);
  const changed = changedKeys(textsOf(read), texts);
  const ready = changed.length > 0 && reason.trim() !== '' && !state.busy;

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!ready) return;
    setState({ busy: true, failed: null });
    const body = { ...patchOf(textsOf(read), texts), reason: reason.trim() };
    const options = { body, key: keyOf([read.version, body]), ifMatch: `"${read.version}"` };
    try {
      await fetchJson('PATCH', `/v1/recordings/${recording.id}`, options);
      await client.invalidateQueries({ queryKey: ['recording', recording.id] });
      void client.invalidateQueries({ queryKey: ['recordings'] });
      notify(t('correct.done'));
      onDone();
    } catch (error) {
      if (problemOf(error)?.code === 'precondition_failed') await readAgain(error);
      else setState({ busy: false, failed: error });
    }
  };
  const readAgain = async (error: unknown): Promise<void> => {
    const now = await client.fetchQuery({ ...recordingQuery(recording.id), staleTime: 0 }).catch(() => null);
    if (now === null) return setState({ busy: false, failed: error });
    const [before, after] = [textsOf(read), textsOf(now)];
    const keys = changedMeanwhile(before, after);
    setOthers(keys.map((key) => ({ key, before: before[key] ?? '', after: after[key] ?? '' })));
    setTexts(mergedTexts(before, texts, after));
    setRead(now);
    setState({ busy: false, failed: error });
  };
  return (
    <form className="stack g4" onSubmit={(event) => void submit(event)}>
      <CorrectionFields recording={read} texts={texts} change={setTexts} />
      <Textarea
        label={t('correct.reason')}
        description={t('correct.reason_hint')}
        autosize
        minRows={2}
        maxLength={MOST_REASON}
        required
        withAsterisk={false}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      <div role="alert">
        <Failure error={state.failed} others={others} />
      </div>
      <div className="row">
        <span className="mute small">{t('correct.count', { count: changed.length })}</span>
        <span className="grow" />
        <button type="button" className="btn" onClick={onDone}>
          {t('correct.cancel')}
        </button>
        <button type="submit" className="btn p" disabled={!ready}>
          {t('correct.save')}
        </button>
      </div>
    </form>
  );
}

type FailureProps = {
  readonly error: unknown;
  readonly others: readonly { readonly key: string; readonly before: string; readonly after: string }[];
};

function Failure({ error, others }: FailureProps) {
  const { t } = useTranslation('recording');
  const textOf = useProblemText();
  const facts = useFacts();
  if (error === null) return null;
  const problem = problemOf(error);
  if (problem?.code !== 'precondition_failed') {
    const named = factsIn(problem).map(facts.name).join(', ');
    return <p className="no">{named === '' ? textOf(error) : t('correct.invalid', { facts: named })}</p>;
  }
  return (
    <>
      <p className="no">{t(others.length === 0 ? 'correct.stale_same' : 'correct.stale')}</p>
      <dl className="diff">
        {others.map(({ key, before, after }) => (
          <Difference
            key={key}
            change={{ fact: key, before: before === '' ? null : before, after: after === '' ? null : after }}
          />
        ))}
      </dl>
    </>
  );
}

/** The keys of facts that a problem names. */
function factsIn(problem: Problem | null): string[] {
  return (problem?.errors ?? []).map(({ pointer }) => pointer.slice(1)).filter((key) => key !== '' && key !== 'reason');
}
