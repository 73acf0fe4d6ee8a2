// The five steps of a request: which are done, which is next.
import { Check } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { OUTCOMES } from '../../subjects/outcomes.ts';
import { STEPS, type Step, stepsDone } from '../../subjects/stage.ts';
import type { Counts, SubjectRequest } from '../../subjects/types.ts';

type Props = {
  readonly request: SubjectRequest;
  /** How many recordings have each outcome, as chosen or decided. */
  readonly counts: Counts;
};

export function Steps({ request, counts }: Props) {
  const { t } = useTranslation('subjects');
  const textOf = useStepText(request, counts);
  const done = stepsDone(request);
  return (
    <ol className="card subject-steps" aria-label={t('steps')}>
      {STEPS.map((step, n) => {
        const state = n < done ? 'done' : n === done ? 'now' : 'later';
        return (
          <li key={step} className={`subject-step ${state}`} aria-current={state === 'now' ? 'step' : undefined}>
            <span className="st">
              {state === 'done' ? <Check className="i" /> : null}
              <span className="sr">{t(`step_state.${state}`)}</span>
            </span>
            <span className="step-text">
              <span className="m">{t(`step.${step}`)}</span>
              <span className="sub-text">
                <UserText text={textOf(step)} />
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function useStepText(request: SubjectRequest, outcomes: Counts): (step: Step) => string {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const words = useWords();
  const { identity, recordings, person, refusal, kinds } = request;
  const found = (): string => {
    if (request.searched === null) return t('step_text.search_none');
    const text = t('step_text.found', { count: recordings.found });
    const numbers = person.numbers.length;
    return numbers === 0 ? text : t('step_text.found_numbers', { found: text, count: numbers });
  };
  const decision = (): string => {
    if (refusal !== null) return t(request.state === 'refused' ? 'step_text.rejected' : 'step_text.rejected_asked');
    const counts = OUTCOMES.flatMap((outcome) => {
      const number = outcomes[outcome] ?? 0;
      return number === 0 ? [] : [t(`count.${outcome}`, { number: format.number(number) })];
    });
    return counts.length === 0 ? t('step_text.decision_none') : counts.join(t('kinds_comma'));
  };
  const answer = (): string => {
    const day = request.ended === null ? '' : format.dayMonth(request.ended);
    if (request.state === 'answered') return t('step_text.answered', { day });
    if (request.state === 'refused') return t('step_text.refused', { day });
    return t(kinds.some((kind) => kind === 'erase') ? 'step_text.answer_none' : 'step_text.answer_none_letter');
  };
  const texts: Record<Step, () => string> = {
    received: () =>
      t('step_text.received', { day: format.dayMonth(request.received), name: words.person(request.manager_name) }),
    identity: () =>
      identity === null
        ? t('step_text.identity_none')
        : t('step_text.identity', { day: format.dayMonth(identity.at), how: identity.how }),
    search: found,
    decision,
    answer,
  };
  return (step) => texts[step]();
}
