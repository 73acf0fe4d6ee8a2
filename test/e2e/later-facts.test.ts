// What a platform adds later, in the console: pauses in the player's lanes, and the other legs of one contact.
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { sharedStage } from './support/stage.ts';
import { listenTo } from './support/steps.ts';

const chromium = needs('chromium');
const WAITS = /^(Not uploaded yet: described, waiting for its audio|尚未上传：已登记，等待音频)$/;
const SLIDER = /^(Position|播放位置)$/;

describe.skipIf(!chromium.present)(`later facts ${chromium.reason}`, () => {
  const stage = sharedStage();
  let [first, second]: [string, string] = ['', ''];
  beforeAll(async () => {
    const { world } = stage;
    [first, second] = [
      await world.deposited(world.harbour, 'leg-1', wav(20 * 16_000), { 'vault-meta-agent': 'Ann' }),
      await world.deposited(world.harbour, 'leg-2', wav(16_000), { 'vault-meta-agent': 'Bob' }),
    ];
    const pauses = [
      { start_ms: 4_000, end_ms: 9_000, reason: 'payment-card' },
      { start_ms: 14_000, end_ms: 14_000, reason: 'privacy' },
    ];
    for (const [call, json] of [
      ['leg-1', { interaction: 'C-2026-0815', wrap_up: 'refund', fields: { product: 'loan' }, pauses }],
      ['leg-2', { interaction: 'C-2026-0815' }],
    ] as const) {
      const reply = await world.call('PATCH', `/v1/ingest/pbx/${call}`, { key: world.harbour.uploader.key, json });
      expect(reply.status).toBe(200);
    }
  });

  test.each(LOOKS)('are a hatched pause, a cut, and the other leg, %j', async (look) => {
    const person = await listenTo(stage, first, look);
    const { page } = person;
    await page.getByRole('slider', { name: SLIDER }).waitFor();
    await page.locator('.paused:not(.cut)').first().waitFor();
    expect(await page.locator('.paused.cut').count()).toBeGreaterThan(0);
    await expectAccessibleAndInside(person);
    await page.getByRole('tab', { name: /^(Details|详情)$/ }).click();
    await page.getByText('C-2026-0815').first().waitFor();
    await page.locator(`a[href="/recordings/${second}"]`).waitFor();
    await page.getByText('refund').first().waitFor();
    await expectAccessibleAndInside(person);
    expect(person.complaints).toEqual([]);
  });

  test.each(LOOKS)('before the audio: the page says that the call waits for it, %j', async (look) => {
    const { world } = stage;
    const json = { agent: 'Ann' };
    const reply = await world.call('PATCH', '/v1/ingest/pbx/leg-3', { key: world.harbour.uploader.key, json });
    const { recording } = (await reply.json()) as { recording: string };
    const person = await stage.signIn(world.harbour.tenant, world.harbour.reviewer, look);
    const { page } = person;
    await page.goto(`/recordings/${recording}`);
    await page.getByRole('heading', { name: WAITS }).waitFor();
    await page.locator('.ck.bad').getByText(WAITS).waitFor();
    await page.getByText(/once the audio is uploaded|音频上传后/).waitFor();
    await expectAccessibleAndInside(person);
  });
});
