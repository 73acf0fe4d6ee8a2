// Ids: their form, their kinds and their order.
import { describe, expect, it } from 'vitest';
import { type IdKind, idBetween, idTime, isId, newId, newRequestId } from '../../src/bytes/ids.ts';

const KINDS: readonly IdKind[] = ['ten', 'usr', 'svc', 'key', 'rec', 'obj', 'dep', 'req', 'grt', 'ses', 'evt', 'pol'];
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** The 128 bits of an id, as hexadecimal digits. */
function bitsOf(id: string): string {
  let value = 0n;
  for (const letter of id.slice(4)) value = value * 32n + BigInt(ALPHABET.indexOf(letter));
  return value.toString(16).padStart(32, '0');
}

describe('a new id', () => {
  it.each(KINDS)('of kind %s is well-formed and of no other kind', (kind) => {
    const id = newId(kind);
    expect(id).toMatch(new RegExp(`^${kind}_[0-9a-hjkmnp-tv-z]{26}$`));
    expect(KINDS.filter((other) => isId(id, other))).toEqual([kind]);
  });

  it('is a UUIDv7 with the time', () => {
    const before = Date.now();
    const bits = bitsOf(newId('rec'));
    expect(bits).toMatch(/^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    expect(Number.parseInt(bits.slice(0, 12), 16)).toBeGreaterThanOrEqual(before - 1000);
    expect(Number.parseInt(bits.slice(0, 12), 16)).toBeLessThanOrEqual(Date.now() + 1000);
  });

  it('sorts after every earlier one of the process, and is unique', () => {
    const ids = Array.from({ length: 20_000 }, () => newId('evt'));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('isId', () => {
  const good = 'rec_01m88yxtm0epqvg36bhyhy6qv8';

  it('accepts any of the given kinds', () => {
    expect(isId(good, 'rec')).toBe(true);
    expect(isId(good, 'ten', 'rec')).toBe(true);
    expect(isId(good, 'ten', 'dep')).toBe(false);
    expect(isId(good)).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['the prefix alone', 'rec_'],
    ['a character too few', good.slice(0, -1)],
    ['a character too many', `${good}0`],
    ['more than 128 bits', `rec_8${good.slice(5)}`],
    ['capitals', good.toUpperCase()],
    ['a capital', good.replace('m', 'M')],
    ['i', good.replace('m', 'i')],
    ['l', good.replace('m', 'l')],
    ['o', good.replace('m', 'o')],
    ['u', good.replace('m', 'u')],
    ['a line feed at the end', `${good}\n`],
    ['a line in front', `\n${good}`],
    ['a path', `${good.slice(0, -3)}/..`],
    ['a NUL', `${good.slice(0, -1)}\0`],
    ['a full-width digit', `${good.slice(0, -1)}８`],
  ])('rejects %s', (_name, text) => {
    expect(isId(text, 'rec')).toBe(false);
  });

  it('rejects an unknown prefix', () => {
    expect(KINDS.some((kind) => isId(`xxx_${good.slice(4)}`, kind))).toBe(false);
  });
});

describe('a request id', () => {
  it('is a unique UUID', () => {
    const ids = Array.from({ length: 100 }, newRequestId);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(100);
  });
});

it('an id contains its creation time', () => {
  const before = Date.now();
  const time = idTime(newId('rec'));
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now() + 1);
  expect([idTime('rec_'), idTime('rec_01m89pwt8u')]).toEqual([Number.NaN, Number.NaN]);
});

describe('an id between two', () => {
  it('is an id of their kind and between them', () => {
    const [first = '', last = ''] = [newId('dep'), newId('dep')].sort();
    for (let n = 0; n < 200; n++) {
      const between = idBetween(first, last);
      expect(isId(between, 'dep')).toBe(true);
      expect(between >= first && between <= last).toBe(true);
    }
    expect(idBetween(first, first)).toBe(first);
    const lowest = `dep_${'0'.repeat(26)}`;
    const drawn = new Set(Array.from({ length: 50 }, () => idBetween(lowest, `dep_7${'z'.repeat(25)}`)));
    expect(drawn.size).toBe(50);
  });
});
