// The time a session has left, by the server's clock, and what is said about it when.

/** Milliseconds left, never under zero. */
export function timeLeft(ends: number, now: number, offset: number): number {
  return Math.max(0, ends - (now + offset));
}

export type Announcement = 'five' | 'one' | 'twenty';
const ANNOUNCEMENTS: readonly (readonly [Announcement, number])[] = [
  ['five', 300_000],
  ['one', 60_000],
  ['twenty', 20_000],
];

/** What is to be said when the time left went from `before` to `now`: the latest mark passed, once. */
export function announcementAt(before: number, now: number): Announcement | null {
  const passed = ANNOUNCEMENTS.filter(([, mark]) => before > mark && now <= mark && now > 0);
  return passed.at(-1)?.[0] ?? null;
}

export type Urgency = 'calm' | 'soon' | 'last' | 'over';

/** Amber from five minutes on, the alert from one. */
export function urgencyOf(left: number): Urgency {
  if (left <= 0) return 'over';
  if (left <= 60_000) return 'last';
  return left <= 300_000 ? 'soon' : 'calm';
}
