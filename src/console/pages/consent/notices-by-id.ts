// Notices from their texts: versions in order, each in its languages.
import type { NoticeText } from './queries.ts';

export type NoticeVersion = {
  readonly version: number;
  readonly created: string;
  /** In the order in which they were added. */
  readonly texts: readonly NoticeText[];
};

export type Notice = {
  readonly id: string;
  /** Newest first; there is at least one. */
  readonly versions: readonly NoticeVersion[];
};

/** The notices, the one with the newest text first. */
export function noticesOf(texts: readonly NoticeText[]): Notice[] {
  const newestFirst = texts.toSorted((one, other) => (one.created < other.created ? 1 : -1));
  return [...new Set(newestFirst.map(({ id }) => id))].map((id) => {
    const own = texts.filter((text) => text.id === id);
    const numbers = [...new Set(own.map(({ version }) => version))].sort((one, other) => other - one);
    const versions = numbers.map((version) => {
      const ofVersion = own
        .filter((text) => text.version === version)
        .toSorted((one, other) => (one.created < other.created ? -1 : 1));
      return { version, created: ofVersion[0]?.created ?? '', texts: ofVersion };
    });
    return { id, versions };
  });
}
