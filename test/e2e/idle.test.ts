// A browser that was left open: its pages go on asking, and the sign-in idles out all the same.
import type { Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { openStage, type Stage } from './support/stage.ts';
import { goTo } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`a browser that is left alone ${chromium.reason}`, () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.end());

  test.each(['reviewer', 'supervisor'] as const)('does not keep a %s signed in by asking by itself', async (who) => {
    const { tenant } = stage.world.harbour;
    const { page, context, complaints } = await stage.signIn(tenant, stage.world.harbour[who]);
    await page.clock.install();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    if (who === 'supervisor') await goTo(page, /Approvals/);
    const asks = (): Promise<Request> => page.waitForRequest((sent) => sent.url().includes('/v1/grants'));
    const isWaiting = async (asked: Promise<Request>): Promise<boolean> =>
      (await asked).headers()['vault-background'] === '1';
    await page.clock.runFor(61_000);
    const asked = asks();
    await page.clock.runFor(10_000);
    expect(await isWaiting(asked)).toBe(true);
    const again = asks();
    await page.keyboard.press('Tab');
    await page.clock.runFor(10_000);
    expect(await isWaiting(again)).toBe(false);
    await page.clock.runFor(61_000);
    const spoken = asks();
    await page.evaluate(() => document.querySelector('h1')?.click());
    await page.clock.runFor(10_000);
    expect(await isWaiting(spoken)).toBe(false);
    // Half an hour without anybody: the next thing the page asks for by itself shows the door.
    await page.clock.runFor(61_000);
    stage.world.forward(31 * 60_000);
    await page.clock.runFor(10_000);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
