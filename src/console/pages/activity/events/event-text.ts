// Text of an event: who, what, to what, why, with what outcome.
import { useTranslation } from 'react-i18next';
import { otherPartyNumber } from '../../../components/call-name.ts';
import { formatClock } from '../../../i18n/format-clock.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useWords } from '../../../i18n/use-words.ts';
import type { ActivityEvent, ActivityReply } from '../log/queries.ts';

/** Names and roles of the people in the events on this page. */
export type EventContext = {
  readonly names: Readonly<Record<string, string>>;
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** Facts that identify the recordings in these events; erased recordings are missing. */
  readonly recordings: ActivityReply['recordings'];
  /** Who opened each session in the shown events; an event that ends a session names only who ended it. */
  readonly listeners: ReadonlyMap<string, string>;
};

/** Who opened which session, from these events. */
export function listenersIn(events: readonly ActivityEvent[]): ReadonlyMap<string, string> {
  const listeners = new Map<string, string>();
  for (const { action, object, actor } of events) {
    if (action === 'session.opened' && object !== null && actor !== null) listeners.set(object.id, actor.id);
  }
  return listeners;
}

/** Value of a fact as text; null if it is missing. */
export function factOf(event: ActivityEvent, name: string): string | null {
  const value: unknown = event.object?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** The recording of an event. */
export function recordingOf(event: ActivityEvent): string | null {
  return event.object?.type === 'recording' ? event.object.id : factOf(event, 'recording');
}

/** First and last characters of an id, enough to distinguish two by eye. */
export function shortId(id: string): string {
  return /^[a-z]{3}_[0-9a-z]{26}$/.test(id) ? `${id.slice(0, 4)}…${id.slice(-6)}` : id;
}

/** Function that turns events into text. */
export function useEventText({ names, roles, recordings, listeners }: EventContext) {
  const { t } = useTranslation('activity');
  const words = useWords();
  const format = useFormat();

  const who = (event: ActivityEvent): { readonly name: string; readonly role: string } => {
    const { actor } = event;
    if (actor === null) return { name: t('unreadable'), role: '' };
    if (actor.type === 'system') return { name: t('system'), role: actor.id };
    const name = actor.name ?? names[actor.id] ?? shortId(actor.id);
    if (actor.type === 'operator') return { name, role: words.role('operator') };
    return { name, role: (roles.get(actor.id) ?? []).map(words.role).join(' · ') };
  };

  /** Name of the person whose session another person ended; null if it was their own, or unknown. */
  const listener = ({ action, object, actor }: ActivityEvent): string | null => {
    const id = action === 'session.ended' ? listeners.get(object?.id ?? '') : undefined;
    return id === undefined || id === actor?.id ? null : (names[id] ?? shortId(id));
  };

  const about = (event: ActivityEvent): string => {
    const listenerName = listener(event);
    const what = thing(event);
    return listenerName === null ? what : t('listening_of', { name: listenerName, about: what });
  };

  const thing = (event: ActivityEvent): string => {
    const { object } = event;
    if (object === null) return t('unreadable');
    const whom = factOf(event, 'principal') ?? object.id;
    if (names[whom] !== undefined) return names[whom];
    const recording = recordingOf(event);
    if (recording !== null) return call(recording) ?? `${words.kind('recording')} ${shortId(recording)}`;
    const named = /^[a-z]{3}_/.test(object.id) && !object.id.startsWith('ten_');
    return named ? `${words.kind(object.type)} ${shortId(object.id)}` : words.kind(object.type);
  };

  /** A recording by number, queue and agent, or by its time without those; null for one without facts. */
  const call = (id: string): string | null => {
    const facts = recordings[id];
    if (facts === undefined) return null;
    const known = [otherPartyNumber(facts), facts.queue, facts.agent].filter((one) => one !== null);
    return known.length > 0 ? known.join(' · ') : t('call_of', { time: format.near(facts.started_at) });
  };

  const why = (event: ActivityEvent): string => {
    const object = event.object?.type === 'deposit' ? factOf(event, 'object') : null;
    if (object !== null) return words.thing(object);
    const purpose = factOf(event, 'purpose');
    const detail = (event.detail ?? {}) as { readonly reason?: unknown; readonly ticket?: unknown };
    const parts = [
      purpose === null ? '' : words.purpose(purpose),
      typeof detail.ticket === 'string' ? detail.ticket : '',
      typeof detail.reason === 'string' ? detail.reason : '',
    ];
    return parts.filter((part) => part !== '').join(' · ');
  };

  const handedOut = (event: ActivityEvent): string | null => {
    const milliseconds = factOf(event, 'heard_ms');
    if (milliseconds !== null) return t('handed_out', { time: formatClock(Number(milliseconds)) });
    const seconds = factOf(event, 'seconds');
    return seconds === null ? null : t('lasted', { time: formatClock(Number(seconds) * 1000) });
  };

  const outcome = (event: ActivityEvent): string => {
    const counted = factOf(event, 'counted');
    if (counted !== null) {
      const since = format.near(factOf(event, 'window') ?? event.at ?? '');
      return t(event.outcome === 'refused' ? 'counted_denied' : 'counted_in', { count: Number(counted), since });
    }
    if (event.outcome === 'refused') return t('outcomes.refused');
    if (event.outcome === 'failed') return t('outcomes.failed');
    const before = factOf(event, 'before');
    if (before !== null) return t('before', { count: Number(before) });
    if (event.action === 'session.ended') return handedOut(event) ?? '';
    if (event.action === 'key.rewrapped') return t('keys', { count: Number(factOf(event, 'count')) });
    const until = factOf(event, 'expires') ?? factOf(event, 'ends');
    return until === null ? '' : t('until', { time: format.near(until) });
  };

  /** Name of an id; null if there is none. */
  const name = (id: string): string | null => names[id] ?? null;

  return { who, name, about, call, why, handedOut, outcome };
}

export type EventText = ReturnType<typeof useEventText>;
