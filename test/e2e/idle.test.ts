// Idle browser: its pages keep polling, and the sign-in still idles out.
import type { Request } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { sharedStage } from './support/stage.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`an idle browser ${chromium.reason}`, () => {
  const stage = sharedStage();

  test.each(['reviewer', 'supervisor'] as const)('does not keep a %s signed in by its own polling', async (who) => {
    const { tenant } = stage.world.harbour;
    const { page, context, complaints } = await stage.signIn(tenant, stage.world.harbour[who]);
    await page.clock.install();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    // The new page is shown when its clock runs.
    if (who === 'supervisor') await page.getByRole('link', { name: /^Approvals/ }).click();
    const asked = (waiting: boolean): Promise<Request> =>
      page.waitForRequest((sent) => {
        return sent.url().includes('/v1/grants') && (sent.headers()['vault-background'] === '1') === waiting;
      });
    await page.clock.runFor(61_000);
    for (const act of [
      () => page.keyboard.press('Tab'),
      () => page.evaluate(() => document.querySelector('h1')?.click()),
    ]) {
      const alone = asked(true);
      await page.clock.runFor(10_000);
      await alone;
      const again = asked(false);
      await act();
      await page.clock.runFor(10_000);
      await again;
      await page.clock.runFor(61_000);
    }
    // After half an hour without a person, the next poll leads to the sign-in page.
    stage.world.forward(31 * 60_000);
    await page.clock.runFor(10_000);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
