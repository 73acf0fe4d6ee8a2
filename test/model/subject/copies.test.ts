// Names of files and facts in copies: nothing of other people, nothing personal in names.
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/model/facts.ts';
import { copiedFacts, copyFolder, copyName, packageList } from '../../../src/model/subject/copies.ts';

const FACTS: Facts = {
  ...{ v: 1, source: 'pbx', call_id: '441234567890-77', leg: '0', started_at: '2026-03-01T23:30:00.000Z' },
  ...{ duration_ms: 5000, direction: 'inbound', numbers: { from: '+441', to: '+442' }, agent: 'Kim' },
  ...{ queue: 'billing', ticket: 'T-1', file_name: '441234567890.wav', language: 'en', notes: 'Kim knows' },
  basis: { kind: 'consent', at: '2026-01-01T00:00:00.000Z', evidence: 'Kim asked' },
  ...{ interaction: 'call-441', fields: { customer: 'C-1', neighbour: 'Lee' }, events: { 'contract-ended': 'x' } },
  asked: { at: '2026-04-01T00:00:00.000Z', request: 'sub_1' },
};

describe('the facts of a copy', () => {
  it('leave out every other person, and what can name one', () => {
    const own = { isOwnNumber: (number: string) => number === '+441', fields: { customer: 'C-1', neighbour: 'Pat' } };
    expect(copiedFacts(FACTS, own)).toEqual({
      ...{ v: 1, started_at: '2026-03-01T23:30:00.000Z', duration_ms: 5000, direction: 'inbound' },
      ...{ numbers: { from: '+441' }, queue: 'billing', ticket: 'T-1', language: 'en' },
      ...{ basis: { kind: 'consent', at: '2026-01-01T00:00:00.000Z' }, fields: { customer: 'C-1' } },
      events: { 'contract-ended': 'x' },
    });
  });

  it('have no member for what is left out completely', () => {
    const copied = copiedFacts(FACTS, { isOwnNumber: () => false, fields: {} });
    expect(Object.keys(copied)).not.toContain('numbers');
    expect(Object.keys(copied)).not.toContain('fields');
  });

  it('leave out a member of a later version', () => {
    const later = { ...FACTS, heard_by: 'Kim' } as Facts;
    expect(JSON.stringify(copiedFacts(later, { isOwnNumber: () => true, fields: {} }))).not.toContain('Kim');
  });
});

describe('the names of copies', () => {
  it('have the local day and the id', () => {
    expect(copyFolder('rec_1', '2026-03-01T23:30:00.000Z', 'Asia/Singapore')).toBe('calls/2026-03-02_rec_1');
    expect(copyFolder('rec_1', '2026-03-01T23:30:00.000Z', 'UTC')).toBe('calls/2026-03-01_rec_1');
  });

  it.each([
    ['audio', 'audio/mpeg', 'audio.mp3'],
    ['transcript/zh-CN', 'application/vnd.callvault.transcript+json', 'transcript-zh-CN.json'],
    ['transcript/zh-CN', 'application/json', 'transcript-zh-CN.json'],
    ['audio', 'audio/other', 'audio.bin'],
  ])('of %s, %s', (object, type, name) => {
    expect(copyName(object, type)).toBe(name);
  });
});

describe('the list of digests', () => {
  it('has a head that no other signed note has, and lines that sha256sum reads', () => {
    const head = { log: 'vault.example/ten_1', request: 'sub_1', change: 'chg_1', erased: ['rec_9'], made: 'now' };
    expect(packageList(head, [{ name: 'a/b.wav', sha256: 'ab'.repeat(32), size: 3 }])).toBe(
      `callvault/package@v1\nvault.example/ten_1\nrequest sub_1\nchange chg_1\nerased rec_9\n${'ab'.repeat(32)}  a/b.wav\nmade now\n`,
    );
  });
});
