// Notices of the consent page: versions in order, each in its languages.
import { describe, expect, it } from 'vitest';
import { noticesOf } from '../../src/console/pages/consent/notices-by-id.ts';

const text = (id: string, version: number, language: string, day: number) => ({
  ...{ id, version, language, text: `${id} ${version} ${language}` },
  created: `2026-11-0${day}T09:00:00.000Z`,
});

describe('notices', () => {
  it('are ordered by their newest text, with the newest version first', () => {
    const found = noticesOf([
      text('ntc_b', 1, 'en', 2),
      text('ntc_a', 2, 'zh', 5),
      text('ntc_a', 1, 'en', 1),
      text('ntc_a', 2, 'en', 4),
    ]);
    expect(found.map(({ id, versions }) => [id, versions.map(({ version }) => version)])).toEqual([
      ['ntc_a', [2, 1]],
      ['ntc_b', [1]],
    ]);
    expect(found[0]?.versions[0]).toMatchObject({
      created: '2026-11-04T09:00:00.000Z',
      texts: [{ language: 'en' }, { language: 'zh' }],
    });
    expect(noticesOf([])).toEqual([]);
  });
});
