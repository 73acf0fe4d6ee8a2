// A new subject request: what is asked, how it came, whose calls, and how the answer is wanted.
import '../subjects.css';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../../api/client.ts';
import { can, useMe } from '../../../api/current-user.ts';
import { problemOf } from '../../../api/problem.ts';
import { refetchQueries } from '../../../api/query-client.ts';
import { serverNow } from '../../../api/server-clock.ts';
import { ErrorPage } from '../../../components/error-page.tsx';
import { notify, notifyProblem } from '../../../components/notify.ts';
import { useTitle } from '../../../components/use-title.ts';
import { midnight } from '../../../i18n/days.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import type { SubjectRequest } from '../../../subjects/types.ts';
import { AnswerFields } from './answer-fields.tsx';
import { CameFields } from './came-fields.tsx';
import { bodyOf, type Draft, type Fault, faultsOf, MAX_NUMBERS, newDraft, placeOf } from './draft.ts';
import type { ErrorAt } from './field-props.ts';
import { KindsField } from './kinds-field.tsx';
import { WhoseFields } from './whose-fields.tsx';

export function NewSubjectPage() {
  const me = useMe();
  return can(me, 'subject.manage') ? <NewForm /> : <ErrorPage kind="forbidden" />;
}

function NewForm() {
  const { t, i18n } = useTranslation('subjects');
  useTitle(t('form.title'));
  const format = useFormat();
  const today = format.day(new Date(serverNow()).toISOString());
  const [draft, setDraft] = useState<Draft>(() => newDraft(today, i18n.language === 'en' ? 'en' : 'zh-CN'));
  const [tried, setTried] = useState(false);
  const faults = tried ? faultsOf(draft, today) : [];
  const form = useRef<HTMLFormElement>(null);
  const save = useSave(draft, today);
  const [attempt, setAttempt] = useState(0);
  const textOf = (fault: Fault): string =>
    fault.fault === 'number'
      ? t('form.fault.number', { number: fault.number })
      : t(`form.fault.${fault.fault}`, { most: MAX_NUMBERS });
  const rejected = problemOf(save.error)?.errors ?? [];
  const errorAt: ErrorAt = (place) => {
    const fault = faults.find((one) => one.place === place);
    if (fault !== undefined) return textOf(fault);
    const { detail } = rejected.find(({ pointer }) => placeOf(pointer) === place) ?? {};
    return detail ?? null;
  };
  useEffect(() => {
    // Keyboard and screen reader go to what is wrong.
    if (attempt > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-faulty] input')?.focus();
  }, [attempt]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (faultsOf(draft, today).length > 0) setAttempt(attempt + 1);
    else if (!save.isPending) save.mutate(undefined, { onError: () => setAttempt(attempt + 1) });
  };
  const isFaulty = faults.length > 0 || rejected.length > 0;
  return (
    <div className="page scroll subjects">
      <div className="stack g1">
        <nav className="crumb" aria-label={i18n.t('crumbs')}>
          <Link to="/subject-requests">{t('title')}</Link>
          <ChevronRight className="i" />
          <span>{t('form.title')}</span>
        </nav>
        <h1>{t('form.title')}</h1>
        <p className="dim">{t('form.text')}</p>
      </div>
      <form className="stack g4" noValidate ref={form} onSubmit={submit}>
        <div className="new-cols">
          <div className="stack g4">
            <KindsField draft={draft} setDraft={setDraft} errorAt={errorAt} />
            <CameFields draft={draft} setDraft={setDraft} errorAt={errorAt} today={today} />
          </div>
          <div className="stack g4">
            <WhoseFields draft={draft} setDraft={setDraft} errorAt={errorAt} />
            <AnswerFields draft={draft} setDraft={setDraft} errorAt={errorAt} />
          </div>
        </div>
        <div className="row wrap new-foot">
          <p className="no m grow" role="alert">
            {isFaulty ? t('form.faults') : null}
          </p>
          <Link to="/subject-requests" className="btn">
            {t('form.cancel')}
          </Link>
          <button type="submit" className="btn p" disabled={save.isPending}>
            {t('form.save')}
          </button>
        </div>
      </form>
    </div>
  );
}

function useSave(draft: Draft, today: string) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const navigate = useNavigate();
  const client = useQueryClient();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: () => {
      const received = draft.received === today ? null : midnight(draft.received, format.timeZone);
      const body = bodyOf(draft, received);
      return fetchJson<SubjectRequest>('POST', '/v1/subject-requests', { body, key: keyFor(body) });
    },
    onSuccess: async (request) => {
      client.setQueryData(['subject-requests', request.id], request);
      notify(t('form.saved'));
      await navigate({ to: '/subject-requests/$id', params: { id: request.id }, replace: true });
      await refetchQueries(client, 'subject-requests');
    },
    onError: (error) => {
      if ((problemOf(error)?.errors ?? []).every(({ pointer }) => placeOf(pointer) === null)) notifyProblem(error);
    },
  });
}
