// Handling of addresses from untrusted sources.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fetchJson } from '../../src/console/api/client.ts';
import { readNext } from '../../src/console/pages/sign-in/return-path.ts';

afterEach(() => vi.unstubAllGlobals());

describe('where to go after signing in', () => {
  it('is a path of the console with what it asks for', () => {
    for (const next of ['/recordings', '/recordings?span=7d', '/recordings/rec_1/ask', '/activity?person=\u5f20'])
      expect(readNext(next)).toEqual({ next });
  });

  const ELSEWHERE = ['//evil.example', '/\\evil.example', '/\t/evil.example', '/\n/evil.example', '/\r\\evil.example'];
  it.each([...ELSEWHERE, 'https://evil.example', 'javascript:alert(1)', '\\evil.example', '', '/', 7, null, ['/x']])(
    'rejects %j',
    (value) => {
      expect(readNext(value)).toEqual({});
    },
  );
});

describe('an id in the address', () => {
  it.each([
    '../me',
    '..%2fme',
    '%2e%2e/me',
    'rec_1/../../sessions/ses_1/media',
    'rec_1?x=1',
    'rec_1#x',
    '.',
    '',
    '\\..\\me',
  ])('%j calls nothing', async (id) => {
    const fetched = vi.fn();
    vi.stubGlobal('fetch', fetched);
    await expect(fetchJson('GET', `/v1/recordings/${id}`)).rejects.toMatchObject({ problem: { code: 'not_found' } });
    expect(fetched).not.toHaveBeenCalled();
  });
});
