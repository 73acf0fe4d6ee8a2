// Short messages at the edge of the page: something was done, or was not.
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import type { ReactNode } from 'react';
import { problemOf } from '../api/problem.ts';
import { wordsOf } from '../i18n/use-words.ts';

const SHOWN_MS = 6_000;

function dismissible() {
  const id = crypto.randomUUID();
  const closeButtonProps = { 'aria-label': i18next.t('close') };
  // Whoever reaches for what is beneath gets to it at once.
  return { id, closeButtonProps, withBorder: true, onClick: () => notifications.hide(id) };
}

/** The text for a call without an answer. */
export function noResponseText(code: string) {
  if (code === 'offline') return 'state.offline';
  return code === 'no_answer' ? 'state.no_answer' : 'state.unreachable';
}

/** How long what somebody else did stays, with something to press. */
const NEWS_MS = 30_000;

/** What is shown of each subject. */
const notificationIds = new Map<string, string>();

/** Says what somebody else did, in place of what was said of the same subject before. */
export function notifyAbout(subject: string, title: string, message: ReactNode, tone: 'yes' | 'no'): void {
  dismissNotification(subject);
  const closes = dismissible();
  notificationIds.set(subject, closes.id);
  notifications.show({ title, message, color: `var(--cv-${tone})`, autoClose: NEWS_MS, ...closes });
}

/** Takes away what was said of a subject: it holds no longer. */
export function dismissNotification(subject: string): void {
  const before = notificationIds.get(subject);
  if (before !== undefined) notifications.hide(before);
  notificationIds.delete(subject);
}

/** Says that something was done. */
export function notify(message: string): void {
  notifications.show({ message, autoClose: SHOWN_MS, ...dismissible() });
}

/** Says that something was not done, and why. */
export function notifyProblem(error: unknown): void {
  const problem = problemOf(error);
  const silent = problem === null || problem.status === 0;
  const words = wordsOf(i18next.language);
  const code = problem?.code ?? 'unreachable';
  const title = silent ? i18next.t(noResponseText(code)) : (problem.cause ?? words.problem(code) ?? problem.title);
  // What was sent may have been done, though its answer did not come.
  const after = code === 'offline' ? 'state.not_sent' : silent ? 'state.look_again' : 'state.nothing_changed';
  const message = i18next.t(after);
  notifications.show({ title, message, color: 'var(--cv-no)', autoClose: SHOWN_MS * 2, ...dismissible() });
}
