// Short messages at the edge of the page: something was done, or was not.
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { problemOf } from '../api/problem.ts';
import { wordsOf } from '../i18n/use-words.ts';

const SHOWN_MS = 6_000;

function closing() {
  return { closeButtonProps: { 'aria-label': i18next.t('close') }, withBorder: true };
}

/** Says that something was done. */
export function tell(message: string): void {
  notifications.show({ message, autoClose: SHOWN_MS, ...closing() });
}

/** Says that something was not done, and why. */
export function tellProblem(error: unknown): void {
  const problem = problemOf(error);
  const offline = problem === null || problem.status === 0;
  const words = wordsOf(i18next.language);
  const message = offline ? i18next.t('state.offline') : (words.problem(problem.code) ?? problem.title);
  const title = i18next.t('state.nothing_changed');
  notifications.show({ title: message, message: title, color: 'red', autoClose: SHOWN_MS * 2, ...closing() });
}
