// Remaining time of a session by the server's clock, and its announcements.

/** Remaining milliseconds, at least 0. */
export function timeLeft(ends: number, now: number, offset: number): number {
  return Math.max(0, ends - (now + offset));
}

export type Announcement = 'five' | 'one' | 'twenty';
const ANNOUNCEMENTS: readonly (readonly [Announcement, number])[] = [
  ['five', 300_000],
  ['one', 60_000],
  ['twenty', 20_000],
];

/** Announcement when the remaining time went from `before` to `now`: the latest threshold passed, once. */
export function announcementAt(before: number, now: number): Announcement | null {
  const passed = ANNOUNCEMENTS.filter(([, mark]) => before > mark && now <= mark && now > 0);
  return passed.at(-1)?.[0] ?? null;
}

export type Urgency = 'calm' | 'soon' | 'last' | 'over';

/** Amber from five minutes on, alert from one minute on. */
export function urgencyOf(left: number): Urgency {
  if (left <= 0) return 'over';
  if (left <= 60_000) return 'last';
  return left <= 300_000 ? 'soon' : 'calm';
}
