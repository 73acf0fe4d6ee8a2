// Which metadata an import sends as headers of one request, and which need the two-step form.
import { describe, expect, it } from 'vitest';
import { headersOf } from '../../src/cli/import/send.ts';
import { META_HEADERS, metadataFromHeaders } from '../../src/http/metadata.ts';

const WHOLE = {
  ...{ call_id: 'a b/ü', leg: 'b', started_at: '2026-03-02T09:15:04Z', direction: 'inbound', from: '+442079460123' },
  ...{ to: '020', agent: '李文', queue: 'q', ticket: 't', file_name: 'x.wav', language: 'zh-CN', interaction: 'i' },
  ...{ wrap_up: '100 %' },
  fields: { branch: 'west, "1"' },
  basis: { kind: 'consent', at: '2026-03-02T09:15:04Z', language: 'en', evidence: 'IVR', channel: 'ivr' },
};

describe('metadata of an import', () => {
  it('are headers that the vault reads back', () => {
    const headers = headersOf(WHOLE) ?? {};
    const known = [...META_HEADERS.map((name) => name.toLowerCase()), 'vault-meta-field-branch'];
    expect(Object.keys(headers).filter((name) => !known.includes(name))).toEqual([]);
    const { call_id: _, file_name: fileName, started_at: startedAt, wrap_up: wrapUp, basis, ...plain } = WHOLE;
    expect(metadataFromHeaders('pbx', 'c', new Headers(headers), Date.now())).toMatchObject({
      ...plain,
      ...{ source: 'pbx', callId: 'c', fileName, startedAt: startedAt.replace('Z', '.000Z'), wrapUp },
      basis: { kind: basis.kind, evidence: basis.evidence, language: basis.language },
    });
  });

  it.each([
    ['notes', { notes: 'x' }],
    ['a sensitivity', { sensitivity: 'sensitive' }],
    ['pauses', { pauses: [] }],
    ['a member that is no text', { from: 7 }],
    ['a basis that is null', { basis: null }],
    ['fields that are null', { fields: null }],
    ['a basis with a notice', { basis: { kind: 'consent', notice: { id: 'ntc_1', version: 1 } } }],
    ['a name that no header has', { fields: { Größe: 'x' } }],
    ['a field that would arrive as another one', { fields: { a_b: 'x', 'a-b': 'y' } }],
    ['a member that would arrive as another one', { 'started-at': '2026-03-02T09:15:04Z' }],
    ['a member of a basis that would arrive as another one', { basis: { kind: 'consent', 'offset-ms': '5' } }],
    [
      'a flat member that would arrive as one of a basis',
      { basis: { kind: 'consent' }, basis_at: '2026-03-02T09:15:04Z' },
    ],
    ['a text with a lone surrogate', { agent: '\ud800' }],
    ['a call id with a lone surrogate', { call_id: '\ud800' }],
    ['a call id that is a path', { call_id: '..' }],
    ['more than servers take', { agent: '李'.repeat(1_000) }],
  ])('with %s need the two-step form', (_, more) => {
    expect(headersOf({ call_id: 'c', ...more } as unknown as Parameters<typeof headersOf>[0])).toBeNull();
  });
});
