// The language of problems: the caller's, with Content-Language.
import { describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import { createRouter } from '../../src/http/endpoint.ts';
import { negotiateLanguage } from '../../src/http/language.ts';
import { problemFor } from '../../src/http/problems.ts';

describe('the language of a problem', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['*', 'en'],
    ['de, fr;q=0.9', 'en'],
    ['zh', 'zh-CN'],
    ['zh-TW,zh;q=0.9', 'zh-CN'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['en-GB,en;q=0.9,zh;q=0.8', 'en'],
    ['en;q=0.1, ZH-Hans-CN;q=0.2', 'zh-CN'],
    ['zh;q=0, en', 'en'],
    ['zh;q=0', 'en'],
    ['zh;q=nonsense, en;q=0.3', 'en'],
    ['zhuang', 'en'],
    [`${'de,'.repeat(5_000)}zh`, 'en'],
  ])('for %s is %s', (header, language) => {
    expect(negotiateLanguage(header)).toBe(language);
  });
});

describe('a problem over HTTP', () => {
  const app = createRouter('service');
  app.notFound((c) => problemFor(new VaultError('not_found', 'there is no such route'), c));
  const get = (language: string) => app.request('/v1/nothing', { headers: { 'accept-language': language } });

  it('is English unless Chinese is requested', async () => {
    const reply = await get('fr');
    expect(reply.headers.get('content-language')).toBe('en');
    expect(reply.headers.get('vary')).toContain('Accept-Language');
    expect(await reply.json()).toMatchObject({ code: 'not_found', title: 'Not found' });
  });

  it('is Chinese on request, with the same code', async () => {
    const reply = await get('zh-CN,zh;q=0.9,en;q=0.5');
    expect(reply.headers.get('content-language')).toBe('zh-CN');
    expect(await reply.json()).toMatchObject({ code: 'not_found', title: '这里没有内容' });
  });
});
