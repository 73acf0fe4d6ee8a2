// Rows of the activity table: one for all events of an upload, and one for every other event.
import { describe, expect, it } from 'vitest';
import { eventLinesOf } from '../../../src/console/pages/activity/events/event-lines.ts';
import type { ActivityEvent } from '../../../src/console/pages/activity/log/queries.ts';

const event = (index: number, action: string | null, object: Record<string, string> | null): ActivityEvent =>
  ({ index, action, object }) as unknown as ActivityEvent;
const upload = (index: number, step: string, id: string, recording = 'rec_a') =>
  event(index, `deposit.${step}`, { type: 'deposit', id, recording });
const created = (index: number, id: string) => event(index, 'recording.created', { type: 'recording', id });
const indices = (events: readonly ActivityEvent[]) =>
  eventLinesOf(events).map((line) => line.events.map(({ index }) => index));

describe('an upload', () => {
  it('is one row at its newest event, with all its events newest first', () => {
    const other = event(8, 'session.opened', { type: 'session', id: 'ses_a' });
    const events = [
      upload(9, 'available', 'dep_a'),
      other,
      upload(7, 'committing', 'dep_a'),
      upload(6, 'started', 'dep_a'),
      created(5, 'rec_a'),
    ];
    expect(indices(events)).toEqual([[9, 7, 6, 5], [8]]);
    expect(eventLinesOf(events)[0]).toMatchObject({ key: 'dep_a', newest: { index: 9 } });
  });

  it('stays apart from another that went on at the same time', () => {
    const events = [
      upload(6, 'available', 'dep_b', 'rec_b'),
      upload(5, 'available', 'dep_a'),
      upload(4, 'started', 'dep_b', 'rec_b'),
      created(3, 'rec_b'),
      upload(2, 'started', 'dep_a'),
      created(1, 'rec_a'),
    ];
    expect(indices(events)).toEqual([
      [6, 4, 3],
      [5, 2, 1],
    ]);
  });

  it('has the description of its recording only where that was written with it', () => {
    expect(indices([upload(5, 'started', 'dep_a'), created(2, 'rec_a')])).toEqual([[5], [2]]);
    expect(indices([upload(5, 'started', 'dep_a'), created(4, 'rec_b')])).toEqual([[5], [4]]);
  });

  it('of which one event is shown is an event', () => {
    expect(indices([upload(5, 'aborted', 'dep_a')])).toEqual([[5]]);
  });
});

it('gives other events about a deposit, and unreadable ones, a separate row', () => {
  const about = event(4, 'recording.reencrypted', { type: 'deposit', id: 'dep_a' });
  const events = [about, event(3, null, null), event(2, null, null), upload(1, 'available', 'dep_a')];
  expect(indices(events)).toEqual([[4], [3], [2], [1]]);
});
