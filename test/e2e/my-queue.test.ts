// A reviewer's queue in a browser that allows sound only after a key or click: one key from the queue to sound, done and
// next, later, returned.
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { allowAssignments, assignCalls, depositCalls, supervisorWithPasskey } from './support/assigning.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { mediaState, trackMedia, untilLoaded, untilPlayed } from './support/steps.ts';

const chromium = needs('chromium');
const REASON = 'New renewal script: is the cooling-off period explained?';

describe.skipIf(!chromium.present)(`a queue of assigned calls ${chromium.reason}`, () => {
  const stage = sharedStage({ autoplay: 'user-gesture-required' });
  const harbour = () => stage.world.harbour;
  let calls = 0;
  beforeAll(async () => {
    await allowAssignments(stage.world, harbour().tenant);
  });

  /** A new reviewer with so many calls in their queue. */
  const withCalls = async (name: string, count: number, look = {}) => {
    const { tenant } = harbour();
    const id = await stage.world.named(tenant, name);
    calls += 1;
    const recordings = await depositCalls(stage.world, harbour(), `queue-${calls}`, count);
    const boss = await supervisorWithPasskey(stage, tenant);
    await assignCalls(boss, recordings, [name], REASON);
    const reviewer = await stage.signIn(tenant, { id }, look);
    return { boss, reviewer, recordings };
  };
  const current = ({ page }: Person) => page.locator('.mq-tbl tr[aria-current]');
  const stateOf = async (reviewer: Person) => {
    const reply = await reviewer.page.request.get('/v1/my-queue');
    return ((await reply.json()) as { totals: Record<'total' | 'done' | 'returned' | 'open', number> }).totals;
  };

  it('plays the next call by one key, and after it the one after next', async () => {
    const { reviewer } = await withCalls('Oliver Grant', 3);
    const { page } = reviewer;
    await trackMedia(reviewer);
    await page.goto('/my-queue');
    await page.getByText('0 of 3 done').first().waitFor();
    expect(await page.getByRole('link', { name: /^My queue/ }).textContent()).toMatch(/3$/);
    const first = await current(reviewer).textContent();
    await page.keyboard.press('Enter');
    await untilPlayed(reviewer, 0.1);
    await page.getByText('Assigned by Rita', { exact: false }).first().waitFor();
    const played = page.url();
    await page.keyboard.press('d');
    await page.waitForURL((at) => at.href !== played && at.pathname.startsWith('/recordings/'));
    await untilPlayed(reviewer, 0.1);
    await expect.poll(() => stateOf(reviewer)).toMatchObject({ done: 1, open: 2 });
    await page.getByRole('link', { name: 'My queue', exact: false }).first().click();
    await page.getByText('1 of 3 done').first().waitFor();
    await page.getByRole('table', { name: 'Recently finished' }).getByRole('row').first().waitFor();
    expect(await current(reviewer).textContent()).not.toBe(first);
    expect(reviewer.complaints).toEqual([]);
  });

  it('finishes the last call and comes back to the queue', async () => {
    const { reviewer } = await withCalls('Victor Goh', 1);
    const { page } = reviewer;
    await trackMedia(reviewer);
    await page.goto('/my-queue');
    await page.getByRole('button', { name: /^Listen/ }).click();
    await untilPlayed(reviewer, 0.1);
    await page.getByRole('button', { name: /^Done/ }).click();
    await page.waitForURL(/\/my-queue$/);
    await page.getByRole('heading', { name: 'All done' }).waitFor();
    await expect.poll(async () => (await mediaState(reviewer))?.src ?? '').toBe('');
    const finished = page.getByRole('table', { name: 'Recently finished' }).getByRole('row');
    expect(await finished.filter({ hasText: /Done \d\d:\d\d/ }).count()).toBe(1);
    expect(await stateOf(reviewer)).toMatchObject({ open: 0 });
    expect(reviewer.complaints).toEqual([]);
  });

  it('moves, puts off and returns calls by keyboard, and finishes none that was not heard', async () => {
    const { reviewer, boss } = await withCalls('Grace Lim', 3);
    const { page } = reviewer;
    await page.goto('/my-queue');
    await current(reviewer).waitFor();
    const numbers = () => current(reviewer).locator('td').first().textContent();
    expect(await numbers()).toBe('1');
    await page.keyboard.press('j');
    await expect.poll(numbers).toBe('2');
    await page.keyboard.press('k');
    await expect.poll(numbers).toBe('1');
    const time = await current(reviewer).locator('td').nth(4).textContent();
    await page.keyboard.press('l');
    await page
      .getByRole('status')
      .getByText('Moved to the end of the list on this screen.', { exact: false })
      .waitFor();
    const rows = page.getByRole('table', { name: 'Calls to review' }).locator('tbody tr');
    expect(await rows.last().locator('td').nth(4).textContent()).toBe(time);
    expect(await rows.last().textContent()).toContain('Later');
    await page.keyboard.press('d');
    await page.getByRole('status').getByText('You have not heard this call yet.', { exact: false }).waitFor();
    await page.keyboard.press('r');
    const dialog = page.getByRole('dialog', { name: 'Return this call' });
    await dialog.getByLabel('Reason').fill('I know the caller');
    await dialog.getByRole('button', { name: 'Return' }).click();
    await page.getByRole('status').getByText('Returned').waitFor();
    await page.getByText('0 of 2 done').first().waitFor();
    expect(await stateOf(reviewer)).toMatchObject({ returned: 1, open: 2 });
    // Who assigned it sees it at once.
    await boss.page.getByText('1 returned').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Next, previous call').first().waitFor();
    expect([...reviewer.complaints, ...boss.complaints]).toEqual([]);
  });

  it('shows at once what is assigned and withdrawn while it is open', async () => {
    const { tenant } = harbour();
    const id = await stage.world.named(tenant, 'Ravi Shah');
    const reviewer = await stage.signIn(tenant, { id });
    const { page } = reviewer;
    await page.goto('/my-queue');
    await page.getByRole('heading', { name: 'Nothing is assigned to you' }).waitFor();
    const recordings = await depositCalls(stage.world, harbour(), 'live', 2);
    const boss = await supervisorWithPasskey(stage, tenant);
    await assignCalls(boss, recordings, ['Ravi Shah'], 'Withdrawn later');
    await page.getByText('0 of 2 done').first().waitFor();
    const batch = boss.page.locator('.asg-batch').filter({ hasText: 'Withdrawn later' });
    await batch.getByRole('button', { name: 'Withdraw…' }).click();
    const dialog = boss.page.getByRole('dialog', { name: 'Withdraw this assignment' });
    await dialog.getByText('2 calls leave their queues', { exact: false }).waitFor();
    await dialog.getByLabel('Reason').fill('the script changes first');
    await dialog.getByRole('button', { name: 'Withdraw', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Nothing is assigned to you' }).waitFor();
    expect([...reviewer.complaints, ...boss.complaints]).toEqual([]);
  });

  it('says what failed, with the request’s id, and has no page for those without a queue', async () => {
    const { tenant, reviewer: rita, supervisor } = harbour();
    const { page } = await stage.signIn(tenant, rita);
    const json = { code: 'database_unavailable', title: 'x', status: 503, request_id: '0199-abc' };
    await page.route('**/v1/my-queue*', (route) => route.fulfill({ status: 500, json }));
    await page.goto('/my-queue');
    const failed = page.getByRole('alert').filter({ hasText: 'Your queue could not be loaded' });
    await failed.getByText('0199-abc').waitFor();
    await page.unroute('**/v1/my-queue*');
    await failed.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Nothing is assigned to you' }).waitFor();
    const sue = await stage.signIn(tenant, supervisor);
    await sue.page.goto('/my-queue');
    await sue.page.getByRole('heading', { name: 'You may not see this page' }).waitFor();
  });

  it.each(LOOKS)('is accessible, and nothing is cut off, %o', async (look) => {
    const { reviewer } = await withCalls(`Amara Osei ${calls}`, 3, look);
    const { page } = reviewer;
    await page.goto('/my-queue');
    await current(reviewer).waitFor();
    await untilLoaded(reviewer);
    await expectAccessibleAndInside(reviewer);
    await page.locator('.mq-call .btn').nth(1).click();
    await page.getByRole('dialog').locator('textarea').waitFor();
    await expectAccessibleAndInside(reviewer);
    await page.keyboard.press('Escape');
    await page.locator('.mq-listen').click();
    await page.locator('.assigned .btn.p:enabled').waitFor();
    await expectAccessibleAndInside(reviewer);
  });
});
