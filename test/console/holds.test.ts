// The forms of legal holds: ids that were typed, what recordings are found by, and the request that a form makes.
import { describe, expect, it } from 'vitest';
import type { Me } from '../../src/console/api/types.ts';
import { areIds, idsIn } from '../../src/console/components/recording-ids.ts';
import { areTerms, fieldTerm, searchOf } from '../../src/console/components/search-terms.ts';
import { coversAll, EMPTY_HOLD, holdBodyOf, isReady } from '../../src/console/pages/holds/hold-draft.ts';
import { navItemsFor } from '../../src/console/shell/nav-items.ts';

const ID = `rec_01${'k'.repeat(24)}`;
const OTHER = `rec_02${'k'.repeat(24)}`;

describe('typed ids', () => {
  it('are apart by spaces, commas of both kinds and lines, each once', () => {
    expect(idsIn(` ${ID}, ${OTHER}\n${ID}，${OTHER} `)).toEqual({ ids: [ID, OTHER], wrong: [] });
    expect(idsIn(`${ID} call-1 rec_1`)).toEqual({ ids: [ID], wrong: ['call-1', 'rec_1'] });
  });

  it('can be sent where all are ids, and not too many', () => {
    expect(areIds(`${ID} ${OTHER}`, 2)).toBe(true);
    expect(areIds(`${ID} ${OTHER}`, 1)).toBe(false);
    expect(areIds('', 2)).toBe(false);
    expect(areIds(`${ID} x`, 2)).toBe(false);
  });
});

describe('what recordings are found by', () => {
  it('are the members of a search', () => {
    const terms = [
      { key: 1, name: 'number', text: ' +44 20 7946 0123 ' },
      { key: 2, name: fieldTerm('contract'), text: 'K-1' },
    ] as const;
    expect(searchOf(terms)).toEqual({ number: '+44 20 7946 0123', fields: { contract: 'K-1' } });
    expect(searchOf([])).toEqual({});
  });

  it('each have a text; of four digits, four', () => {
    expect(areTerms([{ key: 1, name: 'number_end', text: '0123' }])).toBe(true);
    expect(areTerms([{ key: 1, name: 'number_end', text: '123' }])).toBe(false);
    expect(areTerms([{ key: 1, name: 'agent', text: ' ' }])).toBe(false);
  });
});

describe('the form of a hold', () => {
  const draft = { ...EMPTY_HOLD, reference: ' HB-1 ', title: 'Case', review: '2027-06-30' };

  it('asks before it covers every recording', () => {
    expect(coversAll(draft)).toBe(true);
    expect(isReady(draft, false)).toBe(false);
    expect(isReady(draft, true)).toBe(true);
    expect(isReady({ ...draft, direction: 'inbound' }, false)).toBe(true);
    expect(isReady({ ...draft, direction: 'inbound', review: '' }, false)).toBe(false);
    expect(isReady({ ...draft, from: '2027-02-01', to: '2027-01-01' }, false)).toBe(false);
    expect(isReady({ ...draft, terms: [{ key: 1, name: 'agent', text: '' }] }, true)).toBe(false);
  });

  it('sends days of the tenant’s zone, the last one included', () => {
    const dated = { ...draft, from: '2026-11-01', to: '2026-11-03', language: ' zh ', continuing: true };
    expect(holdBodyOf(dated, 'Asia/Shanghai')).toEqual({
      ...{ reference: 'HB-1', title: 'Case', review: '2027-06-29T16:00:00.000Z', continuing: true },
      query: { from: '2026-10-31T16:00:00.000Z', to: '2026-11-03T16:00:00.000Z', language: 'zh' },
    });
  });

  it('sends a list without what the other form says', () => {
    const listed = { ...draft, covers: 'list', ids: `${ID}\n${OTHER}`, from: '2026-11-01', continuing: true } as const;
    expect(isReady(listed, false)).toBe(true);
    expect(holdBodyOf(listed, 'UTC')).toEqual({
      ...{ reference: 'HB-1', title: 'Case', review: '2027-06-30T00:00:00.000Z', recordings: [ID, OTHER] },
    });
  });
});

describe('the navigation', () => {
  const names = (roles: readonly string[], actions: readonly string[]) =>
    navItemsFor({ actions, principal: { roles } } as unknown as Me).map(({ name }) => name);
  const read = ['lifetime.read', 'settings.read', 'recording.read', 'people.read'];

  it('begins with lifetimes for a privacy officer, and ends with them for others', () => {
    expect(names(['privacy'], read)[0]).toBe('subject-requests');
    expect(names(['admin'], read)[0]).toBe('recordings');
    expect(names(['admin'], read)).toEqual(expect.arrayContaining(names(['privacy'], read)));
  });
});
