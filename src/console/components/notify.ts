// Notifications at the edge of the page.
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import type { ReactNode } from 'react';
import { isHeld, problemOf } from '../api/problem.ts';
import { wordsOf } from '../i18n/use-words.ts';

const SHOWN_MS = 6_000;

function dismissible() {
  const id = crypto.randomUUID();
  const closeButtonProps = { 'aria-label': i18next.t('close') };
  // A click closes it, so that the controls beneath stay reachable.
  return { id, closeButtonProps, withBorder: true, onClick: () => notifications.hide(id) };
}

/** Text for a call without a response. */
export function noResponseText(code: string) {
  if (code === 'offline') return 'state.offline';
  return code === 'no_answer' ? 'state.no_answer' : 'state.unreachable';
}

/** Duration of a notification about another person's action, which has a button. */
const NEWS_MS = 30_000;

/** Id of the current notification about each subject. */
const notificationIds = new Map<string, string>();

/** Notifies about another person's action. Replaces an earlier notification about the same subject. */
export function notifyAbout(subject: string, title: string, message: ReactNode, tone: 'yes' | 'no'): void {
  dismissNotification(subject);
  const closes = dismissible();
  notificationIds.set(subject, closes.id);
  notifications.show({ title, message, color: `var(--cv-${tone})`, autoClose: NEWS_MS, ...closes });
}

/** Closes the notification about a subject that no longer holds. */
export function dismissNotification(subject: string): void {
  const before = notificationIds.get(subject);
  if (before !== undefined) notifications.hide(before);
  notificationIds.delete(subject);
}

/** Notifies that an action succeeded. */
export function notify(message: string): void {
  notifications.show({ message, autoClose: SHOWN_MS, ...dismissible() });
}

/** Notifies that an action failed, and why. */
export function notifyProblem(error: unknown): void {
  const problem = problemOf(error);
  const silent = problem === null || problem.status === 0;
  const words = wordsOf(i18next.language);
  const code = problem?.code ?? 'unreachable';
  if (isHeld(error)) {
    const [title, message] = [i18next.t('held.title'), i18next.t('held.until')];
    notifications.show({ title, message, color: 'var(--cv-no)', autoClose: SHOWN_MS * 2, ...dismissible() });
    return;
  }
  const title = silent ? i18next.t(noResponseText(code)) : (problem.cause ?? words.problem(code) ?? problem.title);
  // The request may have succeeded although no response came.
  const after = code === 'offline' ? 'state.not_sent' : silent ? 'state.look_again' : 'state.nothing_changed';
  const message = i18next.t(after);
  notifications.show({ title, message, color: 'var(--cv-no)', autoClose: SHOWN_MS * 2, ...dismissible() });
}
