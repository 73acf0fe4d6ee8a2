// Pictures of the READMEs in both languages: each can be taken, and the stored ones have the same pages and size.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { PICTURES, pictureFolder } from '../support/pictures.ts';
import { fullDay } from './support/full-day.ts';
import { takePicture } from './support/picture.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { trackMedia, untilLoaded, untilPlayed } from './support/steps.ts';

const chromium = needs('chromium');

/** Width and height in a PNG's header (RFC 2083 §4.1.1). */
function sizeOf(path: string): readonly [number, number] {
  const bytes = readFileSync(path);
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

describe.skipIf(!chromium.present)(`the pictures of the READMEs ${chromium.reason}`, () => {
  const stage = sharedStage();
  const folder = pictureFolder();

  test.each(['en', 'zh-CN'] as const)('in %s', async (language) => {
    const day = await fullDay(stage.world, language);
    const take = async (person: Person, name: string, path: string): Promise<void> => {
      if (path !== '') await person.page.goto(path);
      await untilLoaded(person);
      await person.page.evaluate(() => document.fonts.ready);
      await person.page.waitForTimeout(500);
      const file = `${name}.${language}.png`;
      await takePicture(person.page, join(folder, file));
      expect(sizeOf(join(folder, file)), file).toEqual([1440, 900]);
      expect(sizeOf(join(PICTURES, file)), file).toEqual([1440, 900]);
      expect(person.complaints).toEqual([]);
    };
    const reviewer = await stage.signIn(day.tenant, day.reviewer, { language });
    await trackMedia(reviewer);
    await take(reviewer, 'recordings', '/recordings');
    await reviewer.page.goto(`/recordings/${day.call}`);
    await reviewer.page.locator('main button.btn.p').first().click();
    await reviewer.page.locator('button.t').first().waitFor();
    await reviewer.page.locator('[role=slider]').first().focus();
    await untilPlayed(reviewer, 5.5);
    await reviewer.page.keyboard.press('k');
    await take(reviewer, 'player', '');
    const supervisor = await stage.signIn(day.tenant, day.supervisor, { language });
    await supervisor.page.goto('/approvals');
    await supervisor.page.locator('main li a').first().click();
    await take(supervisor, 'approvals', '');
    await take(await stage.signIn(day.tenant, day.auditor, { language }), 'activity', '/activity');
  });
});
