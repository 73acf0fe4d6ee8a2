// Blind indexes: equal values match within one tenant and label only.
import { describe, expect, it } from 'vitest';
import { blindIndex, type IndexLabel, naturalKey, phoneLast4, phoneValue } from '../../src/envelope/blind-index.ts';
import { keyOf } from './bench.ts';

const KEY = keyOf('metadata key');
const LABELS: readonly IndexLabel[] = ['phone', 'phone-last4', 'agent', 'queue', 'ticket', 'natural', 'idempotency'];

describe('a blind index', () => {
  it('is 16 bytes, the same for the same value', () => {
    expect(blindIndex(KEY, 'agent', 'a')).toHaveLength(16);
    expect(blindIndex(KEY, 'agent', 'a').equals(blindIndex(keyOf('metadata key'), 'agent', Buffer.from('a')))).toBe(
      true,
    );
  });

  it('differs between labels, tenants and values', () => {
    const indexes = [keyOf('one tenant'), keyOf('another tenant')].flatMap((key) =>
      LABELS.flatMap((label) => ['', 'a', 'b', '10086'].map((value) => blindIndex(key, label, value).toString('hex'))),
    );
    expect(new Set(indexes).size).toBe(2 * LABELS.length * 4);
  });

  it('needs a key that is not zeroed', () => {
    const key = keyOf('a');
    key.zero();
    expect(() => blindIndex(key, 'agent', 'a')).toThrow(expect.objectContaining({ code: 'key_zeroed' }));
  });
});

describe('a telephone number', () => {
  it.each([
    ['+86 138-0013-8000', '+8613800138000', '+8613800138000', '8000'],
    ['10086', null, '10086', '0086'],
    ['1234', null, '1234', null],
    ['12345', null, '12345', '2345'],
    ['ext. 4711', null, '4711', null],
    ['（０１０）１２３４', null, '0101234', '1234'],
    [' SIP:Alice@Example.COM ', null, 'sip:alice@example.com', null],
    ['', null, '', null],
  ])('%j is indexed by E.164, else its digits, else its text', (text, e164, value, last4) => {
    expect(phoneValue(text, e164)).toBe(value);
    expect(phoneLast4(value)).toBe(last4);
  });
});

describe('a natural key', () => {
  it('distinguishes field boundaries, case and white space', () => {
    const keys = [
      ['pbx', 'a', '0'],
      ['pbxa', '', '0'],
      ['', 'pbxa', '0'],
      ['pbx', 'a0', ''],
      ['PBX', 'a', '0'],
      ['pbx', ' a', '0'],
      ['pbx', 'a', '1'],
    ] as const;
    const all = keys.map(([source, call, leg]) => naturalKey(source, call, leg).toString('hex'));
    expect(new Set(all).size).toBe(keys.length);
  });
});
