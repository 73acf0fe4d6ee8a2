// Parity of the languages: the same keys and placeholders, and Chinese typography.
import { describe, expect, it } from 'vitest';
import { english } from '../../src/messages/en/all.ts';
import { chinese } from '../../src/messages/zh-CN/all.ts';
import { flat, type Texts } from './flat.ts';

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{\s*([\w.]+)[^}]*\}\}/g)].map(([, name]) => name ?? '').sort();
}

/** Keys that the second language lacks, adds, or has with other placeholders. */
function gaps(first: Texts, second: Texts): string[] {
  const [a, b] = [flat(first), flat(second)];
  const found: string[] = [];
  for (const [path, text] of a) {
    const other = b.get(path);
    if (other === undefined) found.push(`${path}: missing`);
    else if (placeholders(text).join() !== placeholders(other).join()) found.push(`${path}: other placeholders`);
    else if (text.trim() !== '' && other.trim() === '' && !path.endsWith('.left')) found.push(`${path}: empty`);
  }
  for (const path of b.keys()) if (!a.has(path)) found.push(`${path}: not in the first`);
  return found;
}

/** Texts that put a plural after one: “1 changes”. */
function wrongPlurals(texts: Texts): string[] {
  const plural = /\{\{count[^}]*\}\} [a-z]+[^s\W]s\b/;
  return [...flat(texts)].filter(([path, text]) => !path.endsWith('_other') && plural.test(text)).map(([path]) => path);
}

describe('the two languages', () => {
  it('have the same keys and placeholders', () => {
    expect(gaps(english, chinese)).toEqual([]);
    expect(flat(english).size).toBeGreaterThan(200);
  });

  it('report a planted gap', () => {
    const first = { area: { one: 'One {{count}}', two: 'Two', three: 'Three' } };
    const second = { area: { one: '一 {{n}}', two: '二', four: '四' } };
    expect(gaps(first, second)).toEqual([
      'area.one: other placeholders',
      'area.three: missing',
      'area.four: not in the first',
    ]);
  });

  it('have a singular for one', () => {
    expect(wrongPlurals(english)).toEqual([]);
    const planted = {
      days: 'in {{count, number}} days',
      less_one: '{{count}} less strict',
      a_one: '{{count}} changes',
    };
    expect(wrongPlurals({ ...planted, a_other: '{{count}} changes' })).toEqual(['days', 'a_one']);
  });

  it('write Chinese with full-width punctuation', () => {
    const half = [...flat(chinese)].filter(([, text]) => /[\u4e00-\u9fff][,;:?!]|[,;?!][\u4e00-\u9fff]/.test(text));
    expect(half).toEqual([]);
  });

  it('separate figures and Latin words from Chinese with a space, but not names', () => {
    const texts = [...flat(chinese)];
    const latin = /[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9%][\u4e00-\u9fff]/;
    // Text to type into the player is written as typed.
    expect(
      texts.filter(([path, text]) => latin.test(text.replace(/\{\{.*?\}\}/g, '')) && path !== 'player.go_to_hint'),
    ).toEqual([]);
    const figure = '\\{\\{(count|given|needed|index|minutes|seconds|hours|generation|digits|at)\\b[^}]*\\}\\}';
    const crowded = new RegExp(`[\\u4e00-\\u9fff]${figure}|${figure}[\\u4e00-\\u9fff]`);
    expect(texts.filter(([, text]) => crowded.test(text))).toEqual([]);
    const torn = /\{\{(name|tenant|date)\}\} [\u4e00-\u9fff]/;
    expect(texts.filter(([, text]) => torn.test(text))).toEqual([]);
  });
});
