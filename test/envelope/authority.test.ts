// MACs of rows that grant access: the frozen vectors, and invalid rows.
import { describe, expect, it } from 'vitest';
import { type AuthorityRow, authorityMac, isRowAuthentic } from '../../src/envelope/authority.ts';
import { frozen, hex, keyFrom } from './frozen-vectors.ts';

const key = keyFrom(frozen.authority.metadata_key);
const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const rowOf = (row: (typeof frozen.authority.rows)[number]['row']): AuthorityRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      camel(name),
      typeof value === 'object' && value !== null ? hex(value.hex) : value,
    ]),
  );

describe('the MAC of a row that grants access', () => {
  it.each(frozen.authority.rows)('of $table equals the frozen vector', ({ table, row, mac }) => {
    expect(authorityMac(key, table, rowOf(row)).toString('hex')).toBe(mac);
    expect(isRowAuthentic(key, table, { ...rowOf(row), mac: hex(mac) })).toBe(true);
  });

  it.each(frozen.authority.rows)('of $table covers every column but those of use', ({ table, row, mac }) => {
    const free = ['seen', 'idleEnds', 'lastUsed', 'counter', 'ranges', 'bytes', 'heard', 'playedMinutes'];
    const whole = { ...rowOf(row), mac: hex(mac) };
    for (const [name, value] of Object.entries(whole)) {
      if (name === 'mac') continue;
      const other =
        typeof value === 'number' ? value + 1 : value instanceof Uint8Array ? Buffer.from('x') : `${value}x`;
      expect([name, isRowAuthentic(key, table, { ...whole, [name]: other })]).toEqual([name, free.includes(name)]);
    }
  });

  it('differs between tables', () => {
    const [first] = frozen.authority.rows;
    const row = { ...rowOf(first?.row ?? {}), mac: hex(first?.mac ?? '') };
    expect(isRowAuthentic(key, 'policy', row)).toBe(false);
  });

  it.each([
    ['no MAC', { mac: null }],
    ['half a MAC', { mac: Buffer.alloc(16) }],
    ['a MAC that is text', { mac: '00'.repeat(32) }],
    ['a text that is not Unicode', { id: '\ud800', mac: Buffer.alloc(32) }],
    ['a text too long for its length', { id: 'x'.repeat(65_536), mac: Buffer.alloc(32) }],
    ['a number that is not whole', { version: 1.5, mac: Buffer.alloc(32) }],
  ])('is not authentic: %s', (_name, row) => {
    expect(isRowAuthentic(key, 'principal', { tenant: 'ten_a', ...row })).toBe(false);
  });
});
