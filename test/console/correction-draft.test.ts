// A correction as a person edits it: the patch of what they changed, and others' changes meanwhile.
import { describe, expect, it } from 'vitest';
import type { OneRecording } from '../../src/console/api/types.ts';
import {
  changedKeys,
  changedMeanwhile,
  isFieldName,
  mergedTexts,
  patchOf,
  type Texts,
  textsOf,
} from '../../src/console/pages/recording/correction-draft.ts';

const recording = {
  ...{ agent: 'Ann', queue: null, ticket: 'T-1', language: 'zh-CN', direction: 'inbound', sensitivity: 'normal' },
  ...{ basis: { kind: 'consent' }, retain_until: '2031-01-01T00:00:00.000Z', fields: { product: 'loan' } },
  from_masked: '138****5678',
} as unknown as OneRecording;
const before = textsOf(recording);

describe('a correction', () => {
  it('begins without numbers, which browsers get masked', () => {
    expect(before).toMatchObject({ agent: 'Ann', queue: '', 'numbers/from': '', 'fields/product': 'loan' });
    expect(JSON.stringify(before)).not.toContain('5678');
    expect(patchOf(before, before)).toEqual({});
  });

  it('sends only what was changed, and null for what was emptied', () => {
    const after = { ...before, agent: ' Li Wei ', ticket: '', 'numbers/from': '13912345678', queue: ' ' };
    const fields = { 'fields/product': '', 'fields/contract': 'K-17' };
    expect(patchOf(before, { ...after, ...fields })).toEqual({
      agent: 'Li Wei',
      ticket: null,
      numbers: { from: '13912345678' },
      fields: { product: null, contract: 'K-17' },
    });
  });

  it('replaces basis and end of retention, and never removes them', () => {
    expect(patchOf(before, { ...before, basis: 'contract', retain_until: '2032-02-03' })).toEqual({
      basis: { kind: 'contract' },
      retain_until: '2032-02-03T00:00:00Z',
    });
    expect(patchOf(before, { ...before, basis: '', retain_until: '' })).toEqual({});
  });

  it('keeps what the person edited where others have changed the recording, and shows what they changed', () => {
    const edited = { ...before, agent: 'Li Wei' };
    const now: Texts = { ...before, agent: 'Bo', queue: 'claims', 'fields/contract': 'K-17' };
    const { 'fields/product': _, ...without } = now;
    const merged = mergedTexts(before, edited, without);
    expect(changedMeanwhile(before, without).toSorted()).toEqual([
      'agent',
      'fields/contract',
      'fields/product',
      'queue',
    ]);
    expect(changedKeys(without, merged)).toEqual(['agent']);
    expect(patchOf(without, merged)).toEqual({ agent: 'Li Wei' });
  });

  it('names fields as the service takes them', () => {
    expect(['a', 'contract-no', 'a1'].filter(isFieldName)).toHaveLength(3);
    expect(['', 'A', '1a', 'a_b', 'a'.repeat(33), '__proto__'].filter(isFieldName)).toEqual([]);
  });
});
