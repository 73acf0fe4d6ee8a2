// Activity of a log whose checkpoints are also kept outside the store, in a browser: up to when, and where that lags behind.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { activity as english } from '../../src/messages/en/activity.ts';
import { activity as chinese } from '../../src/messages/zh-CN/activity.ts';
import { needs } from '../support/needs.ts';
import { growTenant, sealTenant, sizeOf } from '../support/sealed-tenant.ts';
import { makeHeardCall, openAsAuditor } from './support/heard-call.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Look, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`activity of an anchored log in a browser ${chromium.reason}`, () => {
  const stage = sharedStage({ signed: true, anchored: true });
  let tenant: string;
  let size: number;
  beforeAll(async () => {
    await makeHeardCall(stage.world);
    tenant = stage.world.harbour.tenant;
    await sealTenant(stage.world, tenant);
    size = await sizeOf(stage.world, tenant);
  });

  test.each(LOOKS)('says up to when it is kept outside, %o', async (look: Look) => {
    const person = await openAsAuditor(stage, look);
    const { page } = person;
    const texts = look.language === 'zh-CN' ? chinese : english;
    if (look.width !== undefined) await page.getByRole('button', { name: texts.check.details }).click();
    await page.getByText(texts.anchor.current_other.split('{{')[0] ?? '').waitFor();
    expect(await page.locator('.ver-anchor').textContent()).toMatch(
      new RegExp(`\\b${size}\\b.* 20\\d\\d|${size} .*20\\d\\d`),
    );
    await expectAccessibleAndInside(person);
  });

  test.each(LOOKS)('says that it lags behind, also where the rest is folded, %o', async (look: Look) => {
    await growTenant(stage.world, tenant, 1);
    await sealTenant(stage.world, tenant);
    const anchor = join(stage.world.folder, 'anchor');
    const found = await readdir(anchor, { recursive: true, withFileTypes: true });
    const files = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    await rm(files.filter((path) => path.includes(tenant)).sort()[0] ?? '');
    const person = await openAsAuditor(stage, look);
    const texts = look.language === 'zh-CN' ? chinese : english;
    await person.page.getByText(texts.anchor.behind_other.split('{{')[0] ?? '').waitFor();
    await expectAccessibleAndInside(person);
  });
});
