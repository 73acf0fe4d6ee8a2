// Language tags: one spelling, since they are part of object names.
import { describe, expect, it } from 'vitest';
import { canonicalLanguage } from '../../src/bytes/language-tag.ts';

describe('the canonical form of a language tag', () => {
  it.each([
    ['zh-CN', 'zh-CN'],
    ['zh-cn', 'zh-CN'],
    ['ZH-hans-cn', 'zh-Hans-CN'],
    ['EN', 'en'],
    ['iw', 'he'],
    ['cmn', 'zh'],
    ['en-u-ca-GREGORY', 'en-u-ca-gregory'],
  ])('of %s is %s', (tag, canonical) => {
    expect(canonicalLanguage(tag)).toBe(canonical);
    expect(canonicalLanguage(canonical)).toBe(canonical);
  });

  it.each([
    '',
    '-',
    'zh_CN',
    'zh-',
    'zh--CN',
    '中文',
    'a',
    'english-uk-us-xx',
    'zh/CN',
    'i-klingon',
    'zh\0',
    'zh-CN\n',
    'e'.repeat(36),
  ])('does not exist for %j', (tag) => {
    expect(canonicalLanguage(tag)).toBeNull();
  });
});
