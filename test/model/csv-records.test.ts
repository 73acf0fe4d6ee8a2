// Records of CSV, cut anywhere: as a parser of CSV reads each of them alone, in time that grows with the length alone.
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordAt } from '../../src/model/csv-records.ts';

function recordsOf(text: string, delimiter: string) {
  const found: { readonly text: string; readonly cells: readonly string[] | null }[] = [];
  for (let at = 0; at < text.length; ) {
    const record = recordAt(text, at, delimiter, true);
    if (record === null) throw new Error('the last record has no end');
    found.push({ text: text.slice(at, record.end), cells: record.cells });
    at = record.end;
  }
  return found;
}

/** What the parser makes of a record; null for one that is no CSV, and for one that it takes for several. */
function parsed(text: string, delimiter: string): readonly string[] | null {
  try {
    const rows = parse(text, { delimiter, record_delimiter: '\n', relax_column_count: true }) as string[][];
    return rows.length === 1 ? (rows[0] ?? null) : null;
  } catch {
    return null;
  }
}

const texts = fc.array(fc.constantFrom('a', 'b', '"', '""', ',', ';', '\n', '\n', ' '), { maxLength: 40 });

describe('a record of CSV', () => {
  it('has the cells that a parser finds in it, and is broken where the parser says so', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(',', ';'), (parts, delimiter) => {
        const text = parts.join('');
        const records = recordsOf(text, delimiter);
        expect(records.map((one) => one.text).join('')).toBe(text);
        for (const { text: record, cells } of records)
          if (record.trim() !== '') expect({ record, cells }).toEqual({ record, cells: parsed(record, delimiter) });
      }),
      { numRuns: 2_000 },
    );
  });

  it('is whole only once its end has come', () => {
    fc.assert(
      fc.property(texts, (parts) => {
        const text = `${parts.join('')}\n`;
        const whole = recordAt(text, 0, ',', true);
        for (let length = 1; length < (whole?.end ?? 0); length++)
          expect(recordAt(text.slice(0, length), 0, ',', false)).toBeNull();
      }),
    );
  });

  it('may end with either line break', () => {
    expect(recordsOf('a,"b\r\nc"\r\nd,"e"\r\n"f"\r', ',').map(({ cells }) => cells)).toEqual([
      ['a', 'b\nc'],
      ['d', 'e'],
      ['f'],
    ]);
  });
});
