// The log's check: what it passes, and each thing it must find.
import { describe, expect, it } from 'vitest';
import { leafHash, type StoredEvent } from '../../../src/model/audit-event.ts';
import { checkLog, createLogCheck, type Extent, type HashedLeaf } from '../../../src/model/log/check.ts';
import * as log from '../../support/planted-logs.ts';

const { NAME, logOf, asked, approved, opened, ended, erasing, erased } = log;

const check = (events: readonly HashedLeaf[], name = NAME) => checkLog(name, events, leafHash);
const codes = (events: readonly HashedLeaf[]) => check(events).map(({ code }) => code);

function checkPart(events: readonly HashedLeaf[], extent: Extent) {
  const made = createLogCheck(NAME, extent);
  for (const event of events) made.add(event, leafHash(event.leaf));
  return made.checked();
}

describe('the check of a log', () => {
  it('finds nothing in a log as it should be', () => {
    expect(check(logOf([asked, approved, opened, ended]))).toEqual([]);
    expect(check(logOf([asked, approved, opened, erasing, ended, erased]))).toEqual([]);
    expect(check(logOf([log.replayed, erased]))).toEqual([]);
    expect(check([])).toEqual([]);
    const { by, key, created, signedIn, signedOut, approvedBySignIn, revokedKey } = log;
    const before = [created, log.serviceAdded, log.uploading, log.described, log.uploaded];
    const named = [key('key_r', 'usr_r'), signedIn, by(asked, 'key_r'), approvedBySignIn, by(opened, 'key_r')];
    expect(check(logOf([...before, ...named, ended, signedOut, revokedKey]))).toEqual([]);
  });

  it('finds nothing in grants that start, are extended and end', () => {
    const { but, extended, openedAgain, expired, revoked } = log;
    expect(check(logOf([asked, approved, opened, extended, openedAgain, expired]))).toEqual([]);
    const longer = but(openedAgain, { ends: '2026-11-25T09:25:00.000Z' });
    expect(check(logOf([asked, approved, opened, extended, longer, revoked, ended]))).toEqual([]);
    const { assignedGrant, openedAssigned, finished, returned, withdrawn } = log;
    expect(check(logOf([assignedGrant, openedAssigned, finished, ended]))).toEqual([]);
    for (const end of [returned, withdrawn]) expect(check(logOf([assignedGrant, end]))).toEqual([]);
    // From before the first listen started the clock, and from before approvals named their minutes.
    const older = but(approved, { opens_until: undefined, extend_minutes: undefined });
    expect(check(logOf([asked, older, opened]))).toEqual([]);
    expect(check(logOf([asked, but(older, { minutes: undefined }), opened, openedAgain]))).toEqual([]);
  });

  it.each(log.PLANTED)('finds %s', (_name, told, code) => {
    expect(codes(logOf(told))).toContain(code);
  });

  it('names the event and what it is about', () => {
    expect(check(logOf([asked, approved, ended]))).toEqual([{ seq: 2, code: 'session_unopened', id: 'ses_1' }]);
    const junk = Buffer.from('not a leaf');
    expect(check([{ seq: 0, leaf: junk, hash: leafHash(junk) }])).toEqual([{ seq: 0, code: 'form', id: null }]);
  });

  it('does not count a denied event as an approval', () => {
    expect(codes(logOf([asked, { ...approved, outcome: 'refused' }, opened]))).toEqual(['session_unapproved']);
  });

  it('finds a dropped event, wherever it was, and goes on behind it', () => {
    const whole = logOf([asked, approved, opened, ended]);
    for (let drop = 0; drop < whole.length - 1; drop++) {
      expect(codes(whole.filter((_event, n) => n !== drop))).toContain('gap');
    }
    expect(codes(logOf([asked, approved, opened, ended, ended]).filter((_event, n) => n !== 1))).toEqual([
      'gap',
      'session_unapproved',
      'session_unopened',
    ]);
  });

  it('finds a repeated index', () => {
    const [first, second] = logOf([asked, approved]) as [StoredEvent, StoredEvent];
    expect(codes([first, first, second])).toEqual(['gap', 'repeated']);
  });

  it('finds an altered leaf, a foreign leaf and a leaf of another place', () => {
    const [first, second, third] = logOf([asked, approved, opened]) as [StoredEvent, StoredEvent, StoredEvent];
    const altered = Buffer.from(Buffer.from(second.leaf).toString().replace('usr_s', 'usr_t'));
    expect(codes([first, { ...second, leaf: altered }, third])).toEqual(['hash']);
    expect(codes([first, { ...second, hash: second.hash.subarray(1) }, third])).toEqual(['hash']);
    expect(codes([first, { ...first, seq: 1 }])).toEqual(['place', 'repeated']);
    const foreign = check([first, second, third], 'vault.example/ten_other');
    expect(foreign.map(({ seq, code }) => [seq, code])).toEqual([
      [0, 'place'],
      [1, 'place'],
      [2, 'place'],
    ]);
  });

  it('finds a time that goes back', () => {
    const times = ['2026-11-25T09:00:01.000Z', '2026-11-25T09:00:00.000Z'];
    expect(check(logOf([asked, approved], times))).toEqual([{ seq: 1, code: 'time', id: 'req_1' }]);
  });
});

describe('the check of a part of a log', () => {
  const events = logOf([asked, approved, opened, ended, ended]);

  it('begins at any index, and leaves out findings that need the whole log', () => {
    expect(checkPart(events, 'whole')).toMatchObject({ count: 5, listens: 1, findings: [{ seq: 4 }] });
    const stretch = checkPart(events.slice(2), 'stretch');
    expect(stretch).toMatchObject({ count: 3, first: { index: 2 }, last: { index: 4 }, listens: 0, findings: [] });
  });

  it('finds a gap in a stretch and in no selection', () => {
    const some = events.filter(({ seq }) => seq !== 3);
    expect(checkPart(some, 'stretch').findings).toEqual([{ seq: 4, code: 'gap', id: 'ses_1' }]);
    expect(checkPart(some, 'selection').findings).toEqual([]);
  });
});
