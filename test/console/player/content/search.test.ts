// Transcript search: any case and width, whole characters, separate Chinese words.
import { describe, expect, it } from 'vitest';
import { hitAfter, searchLines } from '../../../../src/console/player/content/search.ts';
import { readTranscript } from '../../../../src/console/player/content/transcript.ts';

function linesOf(...texts: readonly string[]) {
  const segments = texts.map((text, n) => ({ start_ms: n * 1000, end_ms: n * 1000 + 1000, channel: n % 2, text }));
  const json = JSON.stringify({ v: 1, language: 'zh-CN', segments });
  return readTranscript('application/vnd.callvault.transcript+json', json) ?? [];
}

function found(texts: readonly string[], query: string): string[] {
  const lines = linesOf(...texts);
  return searchLines(lines, query, 'zh-CN').map(({ line, from, to }) => `${line}:${lines[line]?.text.slice(from, to)}`);
}

describe('searching', () => {
  it('finds every match, in any case and width', () => {
    expect(found(['A dispute. Dispute!', 'no', 'DISPUTE'], 'dispute')).toEqual(['0:dispute', '0:Dispute', '2:DISPUTE']);
    expect(found(['工单 ＣＳ－１２ 号', '２０２６'], 'cs-12')).toEqual(['0:ＣＳ－１２']);
    expect(found(['登记一笔争议交易', '争议交易'], '争议')).toEqual(['0:争议', '1:争议']);
  });

  it('finds separate Chinese words, only if the whole query has no match', () => {
    expect(found(['这笔交易有争议', '只有交易'], '争议交易')).toEqual(['0:交易', '0:争议']);
    expect(found(['争议交易', '交易的争议'], '争议交易')).toEqual(['0:争议交易']);
    expect(found(['the frozen charge'], 'charge frozen')).toEqual(['0:frozen', '0:charge']);
  });

  it('never matches half a character, and finds nothing for an empty query', () => {
    expect(found(['e\u0301te\u0301'], 'e')).toEqual([]);
    expect(found(['👩‍👩‍👧 family'], '👧')).toEqual([]);
    expect(found(['ﬁne'], 'i')).toEqual([]);
    expect(found(['anything'], '  ')).toEqual([]);
  });

  it('treats the query as text and no pattern', () => {
    expect(found(['1.5% (of) [it]', '105% of it'], '1.5% (of) [')).toEqual(['0:1.5% (of) [']);
  });

  it('gives times inside the line, and starts from the playhead', () => {
    const hits = searchLines(linesOf('abcdefghij', 'xxxxxabcde'), 'abc', 'en');
    expect(hits.map(({ at }) => at)).toEqual([0, 1500]);
    expect(hitAfter(hits, 900)).toBe(1);
    expect(hitAfter(hits, 9000)).toBe(0);
  });
});
