// One request for several recordings, when not all of them can be requested.
import { describe, expect, test } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { needs } from '../support/needs.ts';
import { wavOf } from '../support/vault.ts';
import { expectAccessibleAndInside } from './support/page-checks.ts';
import { sharedStage } from './support/stage.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`requests for many recordings ${chromium.reason}`, () => {
  const stage = sharedStage();

  test('says why some of the chosen recordings could not be requested', async () => {
    const { world } = stage;
    const { harbour } = world;
    const gone = await world.deposited(harbour, 'gone', wavOf(8_000));
    await world.deposited(harbour, 'stays', wavOf(8_000));
    const asking = await stage.signIn(harbour.tenant, harbour.reviewer);
    const { page } = asking;
    await page.goto('/recordings?span=all');
    const row = page.getByRole('row').filter({ has: page.locator(`a[href^="/recordings/${gone}"]`) });
    await row.getByRole('checkbox').check();
    const boxes = page.getByRole('checkbox', { name: /^Select \d/, checked: false });
    await boxes.first().check();
    await page.getByRole('button', { name: 'Request 2 recordings…' }).click();
    const what = { tenant: harbour.tenant, recording: gone, reason: 'request' } as const;
    await eraseRecording(world.vault, operatorActor('op-1'), what, { signal: AbortSignal.timeout(600_000) });
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('Another sample of the quality team');
    await dialog.getByRole('button', { name: 'Send request' }).click();
    await dialog.getByRole('alert').getByText('1 could not be requested').waitFor();
    await dialog.getByText('This recording was erased').waitFor();
    await expectAccessibleAndInside(asking);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await expect.poll(() => dialog.count()).toBe(0);
    expect(asking.complaints).toEqual([]);
  });

  test('chooses recordings by X, and all up to another one with Shift, by key and by click', async () => {
    const { world } = stage;
    const { harbour } = world;
    for (let n = 0; n < 5; n++) await world.deposited(harbour, `choice-${n}`, wavOf(8_000 + n));
    const asking = await stage.signIn(harbour.tenant, harbour.reviewer);
    const { page } = asking;
    await page.goto('/recordings?span=all');
    const boxes = page.getByRole('checkbox', { name: /^Select \d/ });
    await boxes.nth(1).focus();
    await page.keyboard.press('x');
    await page.getByText('1 selected', { exact: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+X');
    await page.getByText('3 selected', { exact: true }).waitFor();
    expect(await boxes.nth(0).isChecked()).toBe(false);
    await boxes.nth(4).click({ modifiers: ['Shift'] });
    await page.getByText('4 selected', { exact: true }).waitFor();
    await page.keyboard.press('x');
    await page.getByText('3 selected', { exact: true }).waitFor();
    expect(asking.complaints).toEqual([]);
  });
});
