// Recordings page in a browser: ten thousand rows, its states, bulk requests; the approvals page by shortcuts.
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Recording } from '../../src/console/api/types.ts';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { reportMeasurement } from './support/measured.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');
const LIST = /\/v1\/recordings(\?|$)/;
const ROWS = 10_000;
const MINUTE_MS = 60_000;

describe.skipIf(!chromium.present)(`recordings in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  beforeAll(async () => {
    await uploadSamples(stage.world, stage.world.harbour, 'harbour');
  });

  const reviewer = async (look = {}): Promise<Person> => {
    const person = await stage.signIn(stage.world.harbour.tenant, stage.world.harbour.reviewer, look);
    await person.page.goto('/recordings');
    return person;
  };

  test('scrolls through ten thousand rows and renders a few at a time', async () => {
    const { page, context } = await reviewer();
    await page
      .getByRole('checkbox', { name: /^Select \d/ })
      .first()
      .waitFor();
    const [model] = ((await (await page.request.get('/v1/recordings')).json()) as { data: Recording[] }).data;
    await page.route(LIST, async (route) => {
      const query = new URL(route.request().url()).searchParams;
      const [start, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit') ?? 50)];
      const data = Array.from({ length: Math.min(limit, ROWS - start) }, (_, at) => {
        const startedAt = new Date(Date.parse('2026-11-25T12:00:00Z') - (start + at) * MINUTE_MS).toISOString();
        return { ...model, id: `rec_${String(start + at).padStart(26, '0')}`, started_at: startedAt };
      });
      const next = start + data.length;
      await route.fulfill({ json: { data, next_cursor: next < ROWS ? String(next) : null } });
    });
    await page.goto('/recordings?span=all');
    const list = page.locator('.list-in');
    await list.locator('tbody tr').nth(10).waitFor();
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const busy = async (): Promise<number> => {
      const { metrics } = await session.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000;
    };
    const before = await busy();
    const frames = await list.evaluate(async (element) => {
      for (let frame = 0; frame < 300; frame += 1) {
        element.scrollTop += 60;
        await new Promise(requestAnimationFrame);
      }
      return element.scrollTop;
    });
    // CPU time instead of wall time, so that other work on the machine does not count.
    const each = (await busy()) - before;
    reportMeasurement('300 frames of scrolling a list of 10,000, the page’s own thread', each);
    expect(frames).toBeGreaterThan(15_000);
    expect(each / 300).toBeLessThan(100);
    await list.evaluate(async (element) => {
      const last = () =>
        Number(element.querySelector('tbody tr:last-of-type, tr.space')?.getAttribute('data-index') ?? 0);
      for (let tries = 0; tries < 6_000 && element.scrollHeight < 439_000; tries += 1) {
        element.scrollTop = element.scrollHeight + last();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      element.scrollTop = element.scrollHeight;
    });
    await list.locator(`tr[data-index="${ROWS - 1}"]`).waitFor();
    expect(await list.locator('tbody tr').count()).toBeLessThan(80);
    expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true);
    await context.close();
  });

  test.each(LOOKS)('every state of the list, %o', async (look) => {
    const person = await reviewer(look);
    const { page, context } = person;
    await page.getByRole('table').waitFor();
    await expectAccessibleAndInside(person);
    await page.route(LIST, (route) => route.fulfill({ json: { data: [], next_cursor: null } }));
    await page.reload();
    await page.getByText(/^(No recordings yet|还没有录音)$/).waitFor();
    await expectAccessibleAndInside(person);
    await page.unroute(LIST);
    await page.goto('/recordings?span=2026-11-03..2026-11-12');
    await page.locator('.filters .ctl').first().click();
    await page.getByRole('button', { name: /^(3 Nov 2026|2026年11月3日)$/ }).waitFor();
    await page.waitForTimeout(300);
    await expectAccessibleAndInside(person);
    await page.goto('/recordings?direction=internal');
    await page.getByText(/^(Nothing matches|没有符合条件的录音)$/).waitFor();
    await expectAccessibleAndInside(person);
    const problem = {
      code: 'database_unavailable',
      title: 'x',
      status: 500,
      request_id: '7c1f0e52-0000-4000-8000-00000000b3a9',
    };
    await page.route(LIST, (route) => route.fulfill({ status: 500, json: problem }));
    await page.goto('/recordings');
    await page.getByText('7c1f0e52-…-b3a9').waitFor();
    await expectAccessibleAndInside(person);
    await context.close();
  });

  test('counts new calls without moving rows until the person asks, and repeats no search by itself', async () => {
    const { harbour } = stage.world;
    const person = await reviewer();
    const { page, requests } = person;
    await page.clock.install();
    await page.goto('/recordings?span=all');
    const calls = page.getByRole('link', { name: /^Open the call of/ });
    await calls.first().waitFor();
    const before = await calls.count();
    const audio = await readFile('scripts/samples/harbour-1-lost-card.wav');
    const headers = { 'vault-meta-basis': 'consent', 'vault-meta-started-at': new Date().toISOString() };
    expect((await stage.world.ingest(harbour, 'fresh-1', audio, headers)).status).toBe(201);
    await page.clock.runFor(61_000);
    const show = page.getByRole('button', { name: '1 new call: show it' });
    await show.waitFor();
    expect(await calls.count()).toBe(before);
    await expectAccessibleAndInside(person);
    await show.click();
    await show.waitFor({ state: 'detached' });
    expect(await calls.count()).toBe(before + 1);

    await page.getByLabel('Last 4 digits').fill('0123');
    await page.getByRole('button', { name: 'Remove Number' }).waitFor();
    const asked = requests.length;
    await page.clock.runFor(121_000);
    expect(requests.slice(asked).filter((sent) => /recordings/.test(sent))).toEqual([]);

    // Removes one digit, not all four; three digits are not searched.
    await page.getByLabel('Last 4 digits').press('Backspace');
    await page.getByRole('button', { name: 'Remove Number' }).waitFor({ state: 'detached' });
    expect(await page.getByLabel('Last 4 digits').inputValue()).toBe('012');
  });

  test('searches for a whole number in any notation', async () => {
    const { page, context } = await reviewer();
    const finds = page.getByRole('searchbox', { name: 'Find recordings' });
    for (const number of ['020 7946 0123', '02079460123', '+44 20 7946 0123']) {
      await finds.fill(number);
      await page.getByText(`Finds calls of the number ${number}`).waitFor();
      const searched = page.waitForRequest((sent) => sent.url().endsWith('/v1/recordings/search'));
      await finds.press('Enter');
      expect((await searched).postDataJSON()).toMatchObject({ number });
      const remove = page.getByRole('button', { name: 'Remove Number' });
      await remove.waitFor();
      await page.locator('tbody').getByText('+44 ****0123').first().waitFor();
      await remove.click();
      await remove.waitFor({ state: 'detached' });
    }
    await context.close();
  });

  test('reports too many searches without a result, and when searching is possible again', {
    timeout: 300_000,
  }, async () => {
    const { world } = stage;
    const by = await world.person(world.harbour.tenant, ['reviewer']);
    for (let n = 0; n < 30; n++) {
      const json = { number: `+4420794600${10 + n}` };
      expect((await world.call('POST', '/v1/recordings/search', { key: by.key, json })).status).toBe(200);
    }
    const person = await stage.signIn(world.harbour.tenant, by);
    const { page, context } = person;
    await page.getByRole('searchbox').fill('+44 20 7946 0123');
    await page.getByRole('searchbox').press('Enter');
    const said = page.getByRole('alert').filter({ hasText: 'Searching by number, call id or field is paused' });
    await said.getByText(/You can search by them again at (\d+ \w+ )?\d\d:\d\d/).waitFor();
    expect(await said.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(person.complaints).toEqual([]);
    await context.close();
  });

  test('requests two recordings at once, and decides by shortcuts once those are enabled', async () => {
    const { harbour } = stage.world;
    const asking = await reviewer();
    const { page } = asking;
    await page.goto('/recordings?span=all');
    const boxes = page.getByRole('checkbox', { name: /^Select \d/ });
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole('button', { name: 'Request 2 recordings…' }).click();
    await page.getByLabel('Reason').fill('Weekly sample of the quality team');
    await page.getByRole('dialog').getByRole('button', { name: 'Send request' }).click();
    await page.getByText('Requested 2 recordings').waitFor();
    await page.getByText('Pending, 0 of 1').nth(1).waitFor();

    const deciding = await stage.signIn(harbour.tenant, harbour.supervisor);
    await deciding.page.goto('/approvals');
    // Both have one reason, and are decided together.
    await deciding.page.getByRole('heading', { level: 2, name: /requests 2 calls/ }).waitFor();
    // A new request before it does not replace the one that is being read.
    await deciding.page.getByRole('button', { name: /Expiring/ }).click();
    await deciding.page.getByRole('menuitemradio', { name: 'Expiring first', checked: true }).waitFor();
    await deciding.page.getByRole('menuitemradio', { name: 'Newest first' }).click();
    const shown = deciding.page.locator('a.rq.on');
    const first = await shown.getAttribute('href');
    await boxes.nth(2).check();
    await page.getByRole('button', { name: 'Request 1 recording…' }).click();
    await page.getByLabel('Reason').fill('One more for the weekly sample');
    await page.getByRole('dialog').getByRole('button', { name: 'Send request' }).click();
    await deciding.page.locator('a.rq').nth(1).waitFor();
    expect(await shown.getAttribute('href')).toBe(first);
    await deciding.page.keyboard.press('r');
    expect(await deciding.page.getByRole('dialog').count()).toBe(0);
    await deciding.page.getByRole('button', { name: 'Turn them on' }).click();
    const isFirst = (await deciding.page.locator('a.rq').first().getAttribute('href')) === first;
    await deciding.page.keyboard.press(isFirst ? 'j' : 'k');
    await deciding.page.waitForURL(/\/approvals\/req_/);
    await deciding.page.getByRole('button', { name: /^Deny/ }).waitFor();
    await deciding.page.keyboard.press('r');
    await deciding.page.getByLabel('Reason').fill('One a week is enough');
    await expectAccessibleAndInside(deciding);
    await deciding.page.keyboard.press('Tab');
    await deciding.page.keyboard.press('Tab');
    await deciding.page.keyboard.press('Enter');
    await page.getByRole('row').getByText('“One a week is enough”').waitFor();
    expect([...asking.complaints, ...deciding.complaints]).toEqual([]);
  });
});
