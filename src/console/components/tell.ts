// Short messages at the edge of the page: something was done, or was not.
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { problemOf } from '../api/problem.ts';
import { wordsOf } from '../i18n/use-words.ts';

const SHOWN_MS = 6_000;

function closing() {
  const id = crypto.randomUUID();
  const closeButtonProps = { 'aria-label': i18next.t('close') };
  // Whoever reaches for what is beneath gets to it at once.
  return { id, closeButtonProps, withBorder: true, onClick: () => notifications.hide(id) };
}

/** Says that something was done. */
export function tell(message: string): void {
  notifications.show({ message, autoClose: SHOWN_MS, ...closing() });
}

/** Says that something was not done, and why. */
export function tellProblem(error: unknown): void {
  const problem = problemOf(error);
  const silent = problem === null || problem.status === 0;
  const words = wordsOf(i18next.language);
  const code = problem?.code === 'no_answer' ? 'state.no_answer' : 'state.offline';
  const title = silent ? i18next.t(code) : (problem.cause ?? words.problem(problem.code) ?? problem.title);
  // What was sent may have been done, though its answer did not come.
  const message = i18next.t(silent ? 'state.look_again' : 'state.nothing_changed');
  notifications.show({ title, message, color: 'var(--cv-no)', autoClose: SHOWN_MS * 2, ...closing() });
}
