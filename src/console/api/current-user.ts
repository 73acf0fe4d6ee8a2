// The signed-in person, for pages inside the shell, which always has one.
import { useSuspenseQuery } from '@tanstack/react-query';
import { meQuery } from './queries.ts';
import type { Me } from './types.ts';

/** The signed-in person. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** Whether the person may do this on any recording. */
export function can(me: Me, action: string): boolean {
  return me.actions.includes(action);
}

/** Initials of a person, or the character of a Chinese family name, for the avatar. */
export function initials(name: string): string {
  const trimmed = name.trim();
  if (/^[\u3400-\u9fff]/.test(trimmed)) return trimmed.slice(0, 1);
  const words = trimmed.split(/[\s._-]+/).filter((word) => word !== '');
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words.slice(0, 1);
  return ends.map((word) => (word ?? '').slice(0, 1).toUpperCase()).join('') || '?';
}
