// The report of the contract suites: its counts, and when it lists a case as run by no real server.
import { describe, expect, it } from 'vitest';
import { type ContractLine, contractTable, REAL_ADAPTERS, ranNowhere } from './contract-report.ts';

const port = 'an object store';

function line(adapter: string, what: string, outcome: ContractLine['outcome'], reason = ''): ContractLine {
  return { port, adapter, what, outcome, reason };
}

/** A run of every real server, each with these outcomes. */
function everywhere(...cases: [string, ContractLine['outcome']][]): ContractLine[] {
  return REAL_ADAPTERS[port].flatMap((adapter) =>
    cases.map(([what, outcome]) => line(adapter, what, outcome, 'a lie')),
  );
}

describe('the report of the contract suites', () => {
  it('names a case that every real server is excused from, even if other adapters ran it', () => {
    const lines = [...everywhere(['one', 'ran'], ['two', 'cannot']), line('a folder', 'two', 'ran')];
    expect(ranNowhere(lines)).toEqual(['an object store: two']);
  });

  it('names a case that only an adapter without a server runs', () => {
    const lines = [...everywhere(['one', 'ran']), line('a folder', 'two', 'ran')];
    expect(ranNowhere(lines)).toEqual(['an object store: two']);
  });

  it('accepts one real server for a case', () => {
    const [first = ''] = REAL_ADAPTERS[port];
    expect(ranNowhere([...everywhere(['one', 'ran'], ['two', 'cannot']), line(first, 'two', 'ran')])).toEqual([]);
  });

  it('names no case if a real server was left out or the case was filtered', () => {
    const lines = [...everywhere(['one', 'cannot']), line('a folder', 'one', 'ran')];
    expect(ranNowhere(lines.filter(({ adapter }) => adapter !== REAL_ADAPTERS[port][0]))).toEqual([]);
    expect(ranNowhere(everywhere(['one', 'defined']))).toEqual([]);
    expect(ranNowhere([])).toEqual([]);
  });

  it('counts the cases that ran and names those that cannot', () => {
    const lines = [
      ...[line('a folder', 'one', 'defined'), line('a folder', 'one', 'ran'), line('a folder', 'two', 'defined')],
      line('a folder', 'three', 'cannot', 'no such thing'),
    ];
    expect(contractTable(lines)).toMatch(
      /^contracts\n {2}a folder as an object store +1 cases ran\n {6}cannot: three \(no such thing\)$/,
    );
    expect(contractTable([])).toBe('');
  });
});
