// axe on every page, in both languages and both themes: no serious or critical finding, and nothing wider than the
// screen.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { seriousAxeFindings } from './support/page-checks.ts';
import { type Look, openStage, type Person, type Stage } from './support/stage.ts';
import { untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');

type Role = 'nobody' | 'reviewer' | 'supervisor' | 'auditor' | 'admin' | 'operator';
type Places = { readonly recording: string; readonly granted: string; readonly request: string };
type Visit = {
  readonly what: string;
  readonly path: (at: Places) => string;
  readonly ready?: (person: Person) => Promise<void>;
};

const PAGES: Readonly<Record<Role, readonly Visit[]>> = {
  nobody: [{ what: 'the door', path: () => '/sign-in' }],
  reviewer: [
    { what: 'recordings', path: () => '/recordings' },
    { what: 'a locked recording', path: ({ recording }) => `/recordings/${recording}` },
    { what: 'asking', path: ({ recording }) => `/recordings/${recording}/ask` },
    { what: 'my access', path: () => '/access' },
    { what: 'help', path: () => '/help' },
    { what: 'the account', path: () => '/account' },
    { what: 'a page that is not there', path: () => '/no/such/page' },
    { what: 'a page of another role', path: () => '/people' },
    {
      what: 'the player',
      path: ({ granted }) => `/recordings/${granted}`,
      ready: async ({ page }) => {
        await page.locator('main button.btn.p').first().click();
        await page.locator('[role=slider]').first().waitFor();
        await page.locator('button.t').first().waitFor();
      },
    },
  ],
  supervisor: [
    { what: 'approvals', path: () => '/approvals' },
    { what: 'one request', path: ({ request }) => `/approvals/${request}` },
  ],
  auditor: [{ what: 'activity', path: () => '/activity' }],
  admin: [{ what: 'people', path: () => '/people' }],
  operator: [{ what: 'keys', path: () => '/keys' }],
};

const LOOKS: readonly Look[] = [
  { language: 'en', theme: 'light', width: 1440, height: 900 },
  { language: 'zh-CN', theme: 'dark', width: 390, height: 844 },
  { language: 'zh-CN', theme: 'light', width: 1024, height: 768 },
  { language: 'en', theme: 'dark', width: 320, height: 640 },
];

describe.skipIf(!chromium.present)(`accessibility of the console ${chromium.reason}`, () => {
  let stage: Stage;
  let places: Places;
  let operator: string;
  beforeAll(async () => {
    stage = await openStage();
    const { world } = stage;
    const { harbour } = world;
    const [recording = '', granted = ''] = [...(await uploadSamples(world, harbour, 'harbour')).values()];
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const asked = await world.call('POST', '/v1/access-requests', { key: harbour.colleague.key, json });
    places = { recording, granted, request: ((await asked.json()) as { id: string }).id };
    operator = await world.operator('ops-7');
  });
  afterAll(() => stage.end());

  const enter = (role: Role, look: Look): Promise<Person> => {
    const { tenant, ...cast } = stage.world.harbour;
    if (role === 'nobody') return stage.visitor(look);
    if (role === 'operator') return stage.signIn('deployment', { id: operator }, look);
    return stage.signIn(tenant, cast[role], look);
  };

  describe.each(LOOKS)('in $language, $theme, $width wide', (look) => {
    test.each(Object.keys(PAGES) as Role[])('the pages of %s', async (role) => {
      if (role === 'reviewer')
        await stage.world.grant(stage.world.harbour, places.granted, { objects: ['audio', 'transcript'], minutes: 60 });
      const person = await enter(role, look);
      const { page, context, complaints } = person;
      const found: Record<string, unknown> = {};
      for (const { what, path, ready } of PAGES[role]) {
        await page.goto(path(places));
        await untilLoaded(person);
        await ready?.(person);
        const serious = await seriousAxeFindings(page);
        const headings = await page.locator('h1:visible').count();
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (serious.length > 0) found[`${what}: axe`] = serious;
        if (headings !== 1) found[`${what}: headings`] = headings;
        if (overflow > 0) found[`${what}: wider by`] = overflow;
        expect(await page.locator('html').getAttribute('lang')).toBe(look.language);
        expect(await page.title()).toMatch(/\S/);
      }
      expect(found).toEqual({});
      expect(complaints).toEqual([]);
      await context.close();
    });
  });
});
