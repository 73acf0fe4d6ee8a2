// axe on every page, in both languages and both themes: nothing serious, nothing critical, and nothing wider than the screen.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { seriousIn } from './support/axe.ts';
import { uploadSamples } from './support/calls.ts';
import { type Look, openStage, type Person, type Stage } from './support/stage.ts';

const chromium = needs('chromium');

type Visit = readonly [
  what: string,
  as: string,
  path: (at: Places) => string,
  ready?: (person: Person) => Promise<void>,
];
type Places = { readonly recording: string; readonly granted: string; readonly request: string };

const VISITS: readonly Visit[] = [
  ['the door', 'nobody', () => '/sign-in'],
  ['recordings', 'reviewer', () => '/recordings'],
  ['a locked recording', 'reviewer', ({ recording }) => `/recordings/${recording}`],
  ['asking', 'reviewer', ({ recording }) => `/recordings/${recording}/ask`],
  ['my access', 'reviewer', () => '/access'],
  ['help', 'reviewer', () => '/help'],
  ['the account', 'reviewer', () => '/account'],
  ['a page that is not there', 'reviewer', () => '/no/such/page'],
  ['a page of somebody else’s', 'reviewer', () => '/people'],
  [
    'the player',
    'reviewer',
    ({ granted }) => `/recordings/${granted}`,
    async ({ page }) => {
      await page.locator('main button.btn.p').first().click();
      await page.locator('[role=slider]').first().waitFor();
      await page.locator('[role=list] .t, .t').first().waitFor();
    },
  ],
  ['approvals', 'supervisor', () => '/approvals'],
  ['one request', 'supervisor', ({ request }) => `/approvals/${request}`],
  ['activity', 'auditor', () => '/activity'],
  ['people', 'admin', () => '/people'],
  ['keys', 'operator', () => '/keys'],
];

const LOOKS: readonly Look[] = [
  { language: 'en', theme: 'light' },
  { language: 'zh-CN', theme: 'dark', width: 390, height: 844 },
  { language: 'zh-CN', theme: 'light' },
  { language: 'en', theme: 'dark', width: 320, height: 640 },
];

describe.skipIf(!chromium.present)(`the console to everybody ${chromium.reason}`, () => {
  let stage: Stage;
  let places: Places;
  let operator: string;
  beforeAll(async () => {
    stage = await openStage();
    const { world } = stage;
    const { harbour } = world;
    const [recording = '', granted = ''] = [...(await uploadSamples(world, harbour, 'harbour')).values()];
    await world.grant(harbour, granted, { objects: ['audio', 'transcript'], minutes: 60 });
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const asked = await world.call('POST', '/v1/access-requests', { key: harbour.colleague.key, json });
    places = { recording, granted, request: ((await asked.json()) as { id: string }).id };
    operator = await world.operator('ops-7');
  });
  afterAll(() => stage.end());

  describe.each(LOOKS)('in $language, $theme, $width', (look) => {
    test.each(VISITS)('%s', async (_, as, path, ready) => {
      const { tenant, ...cast } = stage.world.harbour;
      const person =
        as === 'nobody'
          ? await stage.visitor(look)
          : as === 'operator'
            ? await stage.signIn('deployment', { id: operator }, look)
            : await stage.signIn(tenant, cast[as as 'reviewer'], look);
      const { page, context, complaints } = person;
      await page.goto(path(places));
      await page.locator('h1').first().waitFor();
      await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
      await ready?.(person);
      expect(await seriousIn(page)).toEqual([]);
      expect(await page.locator('html').getAttribute('lang')).toBe(look.language);
      expect(await page.title()).toMatch(/\S/);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await context.close();
    });
  });
});
