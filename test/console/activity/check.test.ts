// Log check in the browser: finds each kind of fault, and nothing in a correct log.
import { describe, expect, it } from 'vitest';
import {
  createCheck,
  type Fault,
  faultsByIndex,
  leafText,
  type Row,
} from '../../../src/console/pages/activity/log/check.ts';
import { activity as english } from '../../../src/messages/en/activity.ts';
import { activity as chinese } from '../../../src/messages/zh-CN/activity.ts';
import { leafHash, type StoredEvent } from '../../../src/model/audit-event.ts';
import { checkLog, type Extent } from '../../../src/model/log/check.ts';
import {
  approved,
  asked,
  ended,
  erasing,
  logOf,
  NAME,
  opened,
  PLANTED,
  type Told,
} from '../../support/planted-logs.ts';

function rowOf({ seq, leaf, hash }: StoredEvent): Row {
  return { index: seq, leaf: Buffer.from(leaf).toString('base64'), hash: Buffer.from(hash).toString('base64') };
}

function check(rows: readonly Row[], extent: Extent = 'stretch', page = rows.length) {
  const made = createCheck(NAME, extent);
  for (let at = 0; at < rows.length; at += page) made.add(rows.slice(at, at + page));
  return made.checked();
}

/** What a terminal prints of findings, and what a page shows of them. */
const inWords = (found: readonly { readonly seq: number; readonly code: Fault }[], texts: typeof chinese.faults) =>
  found.map(({ seq, code }) => `${seq}: ${texts[code]}`);

describe('the two environments', () => {
  const good: readonly [name: string, told: readonly Told[]][] = [
    ['nothing in a log as it should be', [asked, approved, opened, ended]],
    ['nothing where a live session ends with its recording', [asked, approved, opened, erasing, ended]],
  ];
  // Among them: listening on a recording that was erased, and an end that never began.
  it.each([...good, ...PLANTED.map(([name, told]) => [name, told] as const)])(
    'find the same, in both languages: %s',
    async (_name, told) => {
      const events = logOf(told);
      const found = checkLog(NAME, events, leafHash);
      const { faults } = check(events.map(rowOf), 'whole', 2);
      expect(faults).toEqual(found);
      for (const texts of [english.faults, chinese.faults]) {
        expect(inWords(faults, texts)).toEqual(inWords(found, texts));
        expect(inWords(found, texts).filter((text) => text.endsWith('undefined'))).toEqual([]);
      }
    },
  );

  it('find the same in bytes that were changed, removed or written elsewhere', async () => {
    const [one, two, three] = logOf([asked, approved, opened]) as [StoredEvent, StoredEvent, StoredEvent];
    const altered = { ...two, leaf: Buffer.from(Buffer.from(two.leaf).toString().replace('usr_s', 'usr_t')) };
    const junk = { ...two, leaf: Buffer.from('{}') };
    for (const events of [
      [one, altered, three],
      [one, junk, three],
      [one, three],
      [two, three],
      [one, one, three],
    ]) {
      const found = checkLog(NAME, events, leafHash);
      expect(found).not.toEqual([]);
      expect(check(events.map(rowOf), 'whole').faults).toEqual(found);
    }
  });
});

describe('the check in the browser', () => {
  const rows = logOf([asked, approved, opened, ended]).map(rowOf);

  it('counts events and listening sessions, and says which events it saw', async () => {
    const last = { index: 3, at: '2026-11-25T09:00:03.000Z' };
    expect(check(rows, 'whole', 3)).toMatchObject({
      count: 4,
      first: { index: 0 },
      last,
      listens: 1,
      faults: [],
    });
    expect(check([]).first).toBeNull();
  });

  it('finds texts that are no base64', async () => {
    const [one, two, three] = rows as [Row, Row, Row];
    const { faults } = check([one, { ...two, hash: '%' }, { ...three, leaf: '%' }]);
    expect([...faultsByIndex(faults)]).toEqual([
      [2, 'hash'],
      [1, 'hash'],
    ]);
  });

  it('finds what is shown to be other than what the bytes say', async () => {
    const [row] = rows as [Row];
    const shown = { ...row, at: '2026-11-25T09:00:00.000Z', action: 'access.requested', actor: { id: 'usr_r' } };
    expect(check([shown]).faults).toEqual([]);
    for (const other of [
      { at: '2026-11-25T12:00:09.000Z' },
      { action: 'access.denied' },
      { actor: { id: 'usr_b' } },
      { actor: null },
    ]) {
      expect(check([{ ...shown, ...other }]).faults).toEqual([{ seq: 0, code: 'shown' }]);
    }
  });
});

describe('the text of a leaf', () => {
  it('is decoded strictly, and null for bytes that are not text', () => {
    expect(leafText(Buffer.from('{"a":"ü"}').toString('base64'))).toBe('{"a":"ü"}');
    expect(leafText(Buffer.from([0xff]).toString('base64'))).toBeNull();
    expect(leafText('%')).toBeNull();
  });
});
