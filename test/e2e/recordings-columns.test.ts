// Columns of the list of recordings: the last one shows its whole text, however far the list was scrolled.
import { describe, expect, it } from 'vitest';
import type { Recording } from '../../src/console/api/types.ts';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { fullDay } from './support/full-day.ts';
import { type Person, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');
const LIST = /\/v1\/recordings(\?|$)/;
const WIDTHS = [1280, 1366, 1440];
const ROW = 44;

/** Cut texts and buttons of the last column, and the number of checked rows. */
function lastColumn({ page }: Person): Promise<{ readonly rows: number; readonly cut: readonly string[] }> {
  return page.evaluate(() => {
    const list = document.querySelector('.list-in') as HTMLElement;
    const { left, top, bottom } = list.getBoundingClientRect();
    const right = left + list.clientWidth;
    const cells = [...list.querySelectorAll('tbody tr:not(.space)')]
      .filter((row) => row.getBoundingClientRect().bottom > top && row.getBoundingClientRect().top < bottom)
      .map((row) => row.querySelector('.d-access'));
    const cut = cells.flatMap((cell) => {
      if (cell === null || cell.querySelector('.tx b') === null) return ['a row without it'];
      const short = [...cell.querySelectorAll('.tx > *')].filter(
        (text) => text.scrollWidth > text.clientWidth || text.getBoundingClientRect().width === 0,
      );
      const out = [...cell.querySelectorAll('.tx > *, .btn')].filter(
        (part) => part.getBoundingClientRect().right > Math.min(cell.getBoundingClientRect().right, right) + 0.5,
      );
      return [...short, ...out].map(({ textContent }) => textContent ?? '');
    });
    if (list.scrollWidth > list.clientWidth) cut.push(`the list is ${list.scrollWidth} wide`);
    return { rows: cells.length, cut };
  });
}

describe.skipIf(!chromium.present)(`the columns of the recordings ${chromium.reason}`, () => {
  const stage = sharedStage();

  it.each(['en', 'zh-CN'] as const)('show the access column without cuts, in %s', async (language) => {
    const day = await fullDay(stage.world, language);
    const person = await stage.signIn(day.tenant, day.reviewer, { language, width: 1440, height: 520 });
    const { page } = person;
    const { data: models } = (await (await page.request.get('/v1/recordings?limit=50')).json()) as {
      data: Recording[];
    };
    expect(models.length).toBe(12);
    for (const count of [12, 10_000]) {
      await page.route(LIST, (route) => {
        const data = Array.from({ length: count }, (_, at) => ({
          ...models[at % models.length],
          id: `rec_${String(at).padStart(26, '0')}`,
          started_at: new Date(Date.parse('2026-11-25T12:00:00Z') - at * 60_000).toISOString(),
        }));
        return route.fulfill({ json: { data, next_cursor: null } });
      });
      await page.goto('/recordings?span=all');
      const list = page.locator('.list-in');
      await list.locator('tbody tr:not(.space)').nth(11).waitFor();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 520 });
        for (const to of [0, 0.5, 1]) {
          // Scrolls at each look: a list that is drawn again meanwhile begins at its top.
          await until(`the rows at ${to} of the list are there, the others one space`, async () => {
            const rest = await list.evaluate((element, share) => {
              element.scrollTop = share * (element.scrollHeight - element.clientHeight);
              return element.scrollTop;
            }, to);
            const isThere = await list.locator(`tr[data-index="${Math.ceil(rest / ROW)}"]`).isVisible();
            const isFar = count === 12 || to === 0 || rest > 10_000;
            return isThere && isFar && (await list.locator('tr.space').count()) > 0 === count > 12;
          });
          const { rows, cut } = await lastColumn(person);
          expect(rows, `${count} rows, ${width}`).toBeGreaterThan(3);
          expect(cut, `${count} rows, ${width} wide, at ${to}`).toEqual([]);
        }
      }
      await page.unroute(LIST);
    }
    expect(person.complaints).toEqual([]);
  });
});
