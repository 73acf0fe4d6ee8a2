// Tables of people: columns, separators, quotes, and cells that a spreadsheet would compute.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CSV_LINES, readPeopleCsv } from '../../../src/model/change/people-csv.ts';

const ID = 'usr_06mbc00000000000000000000a';

/** `姓名,角色`, and a reviewer called 李娜, as a spreadsheet in Chinese saves them. */
const GBK = Buffer.from('d0d5c3fb2cbdc7c9ab0ac0eec4c82c7265766965776572', 'hex');

describe('a table of people', () => {
  it('adds people by name and changes people by id, with empty cells left alone', () => {
    const csv = [
      'name,roles,trained_until,id',
      'Wei,reviewer,2027-03-31,',
      `Ana,"supervisor, reviewer",,${ID}`,
      ',,,',
      `,,2027/4/1,${ID}`,
    ].join('\r\n');
    expect(readPeopleCsv(`\uFEFF${csv}\r\n`)).toEqual([
      { line: 2, name: 'Wei', wanted: { name: 'Wei', roles: ['reviewer'], trained_until: '2027-03-31' } },
      { line: 3, name: 'Ana', wanted: { id: ID, roles: ['supervisor', 'reviewer'] } },
      { line: 5, name: '', wanted: { id: ID, trained_until: '2027-04-01' } },
    ]);
  });

  it.each([
    ['semicolons', 'Name;Roles;Training until\nWei;Reviewer, Supervisor;2027-03-31'],
    ['tabs', 'name\troles\ttrained until\nWei\treviewer/supervisor\t2027.3.31'],
    ['Chinese', '姓名,角色,培训有效期至\nWei,质检员、班长,2027/03/31'],
  ])('is read with %s', (_, csv) => {
    expect(readPeopleCsv(csv)).toEqual([
      {
        ...{ line: 2, name: 'Wei' },
        wanted: { name: 'Wei', roles: ['reviewer', 'supervisor'], trained_until: '2027-03-31' },
      },
    ]);
  });

  it('has formulas as text, with and without the apostrophe of an export', () => {
    const cells = ['=HYPERLINK("http://x","y")', "'=1+1", '+1', '-1', '@SUM(A1)', "O'Neil", "'Aziz"];
    const csv = `name,roles\n${cells.map((cell) => `"${cell.replaceAll('"', '""')}",reviewer`).join('\n')}`;
    expect(readPeopleCsv(csv).map(({ name }) => name)).toEqual([
      ...['=HYPERLINK("http://x","y")', '=1+1', '+1', '-1', '@SUM(A1)', "O'Neil", "'Aziz"],
    ]);
  });

  it('keeps what it cannot understand, for the row to say so', () => {
    expect(readPeopleCsv('name,roles,trained_until\nWei,boss,31.03.2027')).toEqual([
      { line: 2, name: 'Wei', wanted: { name: 'Wei', roles: ['boss'], trained_until: '31.03.2027' } },
    ]);
  });

  it.each([
    ['nothing', '', 'needs a header'],
    ['no line', 'name,roles\n', 'needs a header'],
    ['an unknown column', 'name,phone\nWei,1', 'column 2 is unknown'],
    ['a column twice', 'name,name\nWei,Wei', 'twice'],
    ['no name and no id', 'roles\nreviewer', 'name or id'],
    ['an open quote', 'name,roles\n"Wei,reviewer\nMo,auditor', 'not valid CSV'],
    ['GBK bytes', new TextDecoder().decode(GBK), 'not UTF-8: save it as UTF-8'],
    ['too many lines', `name,roles\n${'Wei,reviewer\n'.repeat(MAX_CSV_LINES + 1)}`, 'lines'],
    ['too much', `name,roles\n${'x'.repeat(200_001)}`, 'characters'],
  ])('is rejected with %s', (_, csv, message) => {
    expect(() => readPeopleCsv(csv)).toThrow(message);
  });

  it('never shows a cell in an error, and fails on no text in another way', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.string()).map((rows) => ['name,roles', ...rows].join('\n')),
        ),
        (csv) => {
          try {
            for (const { line, wanted } of readPeopleCsv(csv)) {
              expect(line).toBeGreaterThan(1);
              expect('id' in wanted || 'name' in wanted).toBe(true);
            }
          } catch (error) {
            expect(error).toMatchObject({ code: 'malformed' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
