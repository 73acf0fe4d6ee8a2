// States of the player's card in a browser, each checked with axe, in both languages and both themes.
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { axeFindings, LOOKS } from './support/page-checks.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');
const CALL = 'harbour-3-transfer-zh.wav';
type Answer = { readonly status: number; readonly code: string; readonly checks?: readonly object[] };

/** Answers requests for a path with a denial, as the service would. */
async function refuse(page: Page, path: RegExp, { status, code, checks }: Answer): Promise<void> {
  const body = { type: 'about:blank', title: code, status, code, request_id: crypto.randomUUID(), retryable: false };
  await page.route(path, (route) => {
    return route.fulfill({ status, contentType: 'application/problem+json', json: { ...body, checks } });
  });
}

const notGranted = (detail: string): Answer => {
  const check = { check: 'object-granted', ok: false, code: 'object_not_granted', detail };
  return { status: 403, code: 'access_refused', checks: [check] };
};

const LISTEN = /^(Listen|收听)$/;

describe.skipIf(!chromium.present)(`the player’s states ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;
  beforeAll(async () => {
    recording = (await uploadSamples(stage.world, stage.world.harbour, 'harbour')).get(CALL) ?? '';
  });

  async function come(look: Look): Promise<Person> {
    const { harbour } = stage.world;
    await stage.world.grant(harbour, recording);
    return stage.signIn(harbour.tenant, harbour.reviewer, look);
  }

  async function open(page: Page): Promise<void> {
    await page.goto(`/recordings/${recording}`);
    await page.getByRole('button', { name: LISTEN }).click();
  }

  test.each(LOOKS)('while listening, %o', async (look) => {
    const { page } = await come(look);
    await open(page);
    await page.getByRole('slider', { name: /^(Position|播放位置)$/ }).waitFor();
    await page.locator('.ln').first().waitFor();
    expect(await axeFindings(page)).toEqual([]);
    const tabs = await page.getByRole('tab').all();
    for (const tab of tabs) {
      await tab.click();
      expect(await axeFindings(page)).toEqual([]);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    expect(wide).toBe(true);
  });

  const FAILURES: readonly [name: string, path: RegExp, answer: Answer, words: RegExp][] = [
    [
      'key service',
      /\/sessions$/,
      { status: 503, code: 'key_service_unavailable' },
      /We cannot reach your key service/,
    ],
    ['store', /\/sessions$/, { status: 503, code: 'store_unavailable' }, /cannot answer at the moment/],
    [
      'uses spent',
      /\/sessions$/,
      { status: 403, code: 'access_refused', checks: [{ check: 'uses-left', ok: false, code: 'grant_consumed' }] },
      /All uses of your grant are used up/,
    ],
    ['erased', /\/sessions$/, { status: 410, code: 'erased' }, /Made unreadable/],
    ['suspended', /\/sessions$/, { status: 503, code: 'key_refused' }, /Listening is suspended/],
    ['unknown', /\/sessions$/, { status: 500, code: 'internal' }, /could not be opened/],
    ['integrity', /\/media$/, { status: 500, code: 'integrity' }, /fails its check/],
    ['missing blob', /\/media$/, { status: 500, code: 'blob_missing' }, /cannot be read/],
    ['no sound granted', /\/media$/, notGranted('audio'), /does not cover the audio/],
    ['no transcript', /\/transcripts\//, { status: 404, code: 'not_found' }, /No transcript for this call/],
    ['no transcript granted', /\/transcripts\//, notGranted('transcript'), /not cover the transcript/],
  ];

  test.each(FAILURES)('%s', async (_, path, answer, words) => {
    const { page } = await come({ theme: 'dark' });
    await refuse(page, path, answer);
    await open(page);
    await page.getByRole('heading', { name: words }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.getByText(/network error|offline/i).count()).toBe(0);
  });

  test('warns in the last minute without interrupting typing, and keeps the typed text at the end', async () => {
    const { page } = await come({});
    await page.clock.install();
    await open(page);
    await page.getByRole('slider', { name: 'Position' }).waitFor();
    await page.getByRole('textbox', { name: /^Comment at/ }).fill('half a thought');
    await page.clock.fastForward('14:05');
    const bar = page.getByRole('region', { name: 'Listening ends soon' });
    await bar.waitFor();
    await page.getByRole('status').filter({ hasText: 'Listening ends soon' }).waitFor({ state: 'attached' });
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
    expect(await axeFindings(page)).toEqual([]);
    await page.clock.fastForward('01:00');
    await page.getByRole('heading', { name: 'Your listening time has ended' }).waitFor();
    await page.getByText('half a thought').waitFor();
    expect(await page.locator('.ln').count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
  });

  test.each(LOOKS)('extends the grant in the last minute, and listening goes on, %o', async (look) => {
    const { page } = await come(look);
    await page.clock.install();
    await open(page);
    await page.getByRole('slider', { name: /^(Position|播放位置)$/ }).waitFor();
    await page.clock.fastForward('14:05');
    const bar = page.getByRole('region', { name: /^(Listening ends soon|收听即将结束)$/ });
    await bar.getByRole('button', { name: /^(Extend by 10 min|延长 10 分钟)$/ }).click();
    await bar.waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: /^(Extend|延长)/ }).count()).toBe(0);
    await page.clock.fastForward('02:00');
    await page.getByRole('slider', { name: /^(Position|播放位置)$/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test.each(LOOKS)('covers nothing and moves no focus in the last minute, %o', async (look) => {
    const { page } = await come(look);
    await page.clock.install();
    await open(page);
    const slider = page.getByRole('slider', { name: /^(Position|播放位置)$/ });
    await slider.press('Home');
    await page.clock.fastForward('14:05');
    const bar = page.getByRole('region', { name: /^(Listening ends soon|收听即将结束)$/ });
    await bar.waitFor();
    expect(await slider.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await bar.evaluate((element) => getComputedStyle(element).position)).toBe('static');
    expect(await axeFindings(page)).toEqual([]);
    await bar.getByRole('button', { name: /^(Listen on|继续收听)$/ }).click();
    await bar.waitFor({ state: 'detached' });
    await slider.waitFor();
  });

  test('keeps the transcript when the browser cannot play the sound', async () => {
    const { page } = await come({});
    await page.route(/\/media$/, (route) => {
      const headers = { 'content-length': '4', 'content-type': 'audio/x-nothing' };
      return route.fulfill({ status: route.request().method() === 'HEAD' ? 200 : 206, headers, body: 'nope' });
    });
    await open(page);
    await page.getByRole('heading', { name: 'This browser cannot play this audio' }).waitFor();
    await page.locator('.ln').first().waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });
});
