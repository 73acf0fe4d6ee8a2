// Every page of the console, in both languages: nothing overflows at any width, nothing is cut off permanently, and axe
// finds nothing serious in either theme.
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSignInLink } from '../support/browser.ts';
import { needs } from '../support/needs.ts';
import { allowAssignments } from './support/assigning.ts';
import { type Day, fullDay } from './support/full-day.ts';
import { overflowingParts, WIDTHS } from './support/overflow.ts';
import { seriousAxeFindings } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');

type Visit = {
  readonly what: string;
  /** Address of the page; absent: the page stays as the previous entry left it. */
  readonly path?: (day: Day) => string;
  /** Actions before measuring, at the largest width. */
  readonly ready?: (page: Page) => Promise<void>;
};
type Role = 'nobody' | 'reviewer' | 'supervisor' | 'auditor' | 'admin' | 'operator';

const press = async (page: Page, key: string): Promise<void> => {
  await page.locator('[role=slider]').first().focus();
  await page.keyboard.press(key);
};
const open = (selector: string, sign: string) => async (page: Page) => {
  await page.locator(selector).first().click();
  await page.locator(sign).first().waitFor();
};

const PAGES: Readonly<Record<Role, readonly Visit[]>> = {
  nobody: [{ what: 'signing in', path: () => '/sign-in' }],
  reviewer: [
    { what: 'my queue without calls', path: () => '/my-queue' },
    { what: 'recordings', path: () => '/recordings' },
    {
      what: 'recordings with two chosen',
      path: () => '/recordings?direction=inbound',
      ready: async (page) => {
        for (const at of [0, 1]) await page.locator('tbody .box:enabled').nth(at).check();
      },
    },
    {
      what: 'asking for several',
      path: () => '/recordings',
      ready: async (page) => {
        for (const at of [0, 1]) await page.locator('tbody .box:enabled').nth(at).check();
        await open('.tfoot .btn.p', '[role=dialog] textarea')(page);
      },
    },
    { what: 'nothing found', path: () => '/recordings?direction=internal' },
    { what: 'a locked recording', path: ({ locked }) => `/recordings/${locked}` },
    { what: 'asking', path: ({ locked }) => `/recordings/${locked}/ask` },
    { what: 'my access', path: () => '/access' },
    { what: 'my pending requests', path: () => '/access?tab=pending' },
    { what: 'my past requests', path: () => '/access?tab=past' },
    { what: 'help', path: () => '/help' },
    { what: 'the account', path: () => '/account' },
    { what: 'a page that does not exist', path: () => '/no/such/page' },
    { what: 'a page of other roles', path: () => '/people' },
    {
      what: 'the player',
      path: ({ call }) => `/recordings/${call}`,
      ready: async (page) => {
        await page.locator('main button.btn.p').first().click();
        await page.locator('button.t').first().waitFor();
      },
    },
    {
      what: 'the player with A set',
      ready: async (page) => {
        await press(page, 'ArrowRight');
        await press(page, '[');
        await page.locator('.loop').first().waitFor();
      },
    },
    {
      what: 'the player with a loop and a comment',
      ready: async (page) => {
        await press(page, 'Shift+ArrowRight');
        await press(page, ']');
        await press(page, 'c');
        await page.locator('textarea').first().waitFor();
      },
    },
  ],
  supervisor: [
    { what: 'assignments, none open', path: () => '/assignments' },
    {
      what: 'assigning two calls',
      path: () => '/recordings',
      ready: async (page) => {
        for (const at of [0, 1]) await page.locator('tbody .box:enabled').nth(at).check();
        await open('.tfoot .btn.p >> nth=1', '.asg-checks .ck')(page);
      },
    },
    { what: 'approvals', path: () => '/approvals' },
    { what: 'one request', path: ({ request }) => `/approvals/${request}` },
    {
      what: 'denying',
      path: ({ request }) => `/approvals/${request}`,
      ready: open('.decide .btn.no', '[role=dialog] textarea'),
    },
    {
      what: 'live now',
      path: () => '/approvals',
      ready: open('.ql-seg button >> nth=1', '.ql-seg [aria-pressed=true]'),
    },
  ],
  auditor: [
    { what: 'activity', path: () => '/activity' },
    {
      what: 'an event',
      path: () => '/activity?group=listening',
      ready: open('.act-tbl tbody button', '.exw .kv >> nth=3'),
    },
    { what: 'every event', path: () => '/activity?group=all' },
    {
      what: 'an upload',
      path: () => '/activity?group=recordings&span=week',
      ready: open('.act-tbl tbody tr:has-text("pbx") button', '.act-tbl tr.inside'),
    },
  ],
  admin: [
    { what: 'people and API keys', path: () => '/people' },
    { what: 'changes', path: () => '/changes' },
  ],
  operator: [{ what: 'keys', path: () => '/keys' }],
};

/** One look of each theme for axe: of all four, each width has one. */
const LOOKS = {
  en: [
    { theme: 'light', width: 1440, height: 900 },
    { theme: 'dark', width: 320, height: 640 },
  ],
  'zh-CN': [
    { theme: 'light', width: 1024, height: 768 },
    { theme: 'dark', width: 390, height: 844 },
  ],
} as const;

describe.skipIf(!chromium.present)(`every page ${chromium.reason}`, () => {
  const stage = sharedStage();
  let operator: string;
  beforeAll(async () => {
    operator = await stage.world.operator('ops-7');
  });

  /** Signs another person in, in the same page. */
  const become = async ({ page, context }: Person, day: Day, role: Role): Promise<void> => {
    await context.clearCookies();
    if (role === 'nobody') return;
    const [tenant, id] = role === 'operator' ? ['deployment', operator] : [day.tenant, day[role].id];
    // A change of the fragment alone would not reload the page.
    await page.goto('about:blank');
    await page.goto(`/sign-in#${await createSignInLink(stage.world, tenant, id)}`);
    await page.waitForURL((at) => at.pathname !== '/sign-in');
  };

  /** What axe finds, and headings other than one. Without motion, since a colour in transition has another contrast. */
  const barriers = async (page: Page, { theme, ...size }: (typeof LOOKS)[keyof typeof LOOKS][number]) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.setViewportSize(size);
    await page.locator(`html[data-mantine-color-scheme=${theme}]`).waitFor();
    const headings = await page.locator('h1:visible').count();
    return [...(await seriousAxeFindings(page)), ...(headings === 1 ? [] : [`${headings} headings`])];
  };

  it.each(['en', 'zh-CN'] as const)('shows everything in %s, to everyone', async (language) => {
    const day = await fullDay(stage.world, language);
    await allowAssignments(stage.world, day.tenant);
    const person = await stage.visitor({ language });
    const { page } = person;
    const found: Record<string, readonly string[]> = {};
    for (const role of Object.keys(PAGES) as Role[]) {
      await become(person, day, role);
      for (const { what, path, ready } of PAGES[role]) {
        await page.setViewportSize({ width: 1440, height: 900 });
        if (path !== undefined) {
          await page.goto('about:blank');
          await page.goto(path(day));
          await untilLoaded(person);
        }
        await ready?.(page);
        await page.evaluate(() => document.fonts.ready);
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: width < 700 ? 844 : 768 });
          const out = await overflowingParts(page);
          if (out.length > 0) found[`${what} at ${width}`] = out;
        }
        for (const look of LOOKS[language]) {
          const out = await barriers(page, look);
          if (out.length > 0) found[`${what}, ${look.theme}`] = out;
        }
        await page.emulateMedia({ colorScheme: 'light' });
        expect(await page.locator('html').getAttribute('lang')).toBe(language);
        expect(await page.title()).toMatch(/\S/);
      }
    }
    expect(found).toEqual({});
    expect(person.complaints).toEqual([]);
  });
});
