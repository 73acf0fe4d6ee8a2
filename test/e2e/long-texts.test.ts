// Texts without break opportunities stay in their places and push nothing aside.
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { overflowingParts, textOutsideCard, WIDTHS } from './support/overflow.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';
import { addPasskey, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const ADDRESS = `https://jira.harbourbank.example/browse/QA-48305?focusedCommentId=${'9'.repeat(60)}`.slice(0, 128);
const REASON = `Weekly sample: \u202eabc${'unbroken'.repeat(40)}`;
const LOOKS: readonly Look[] = [
  { language: 'en', width: 1440, height: 900 },
  { language: 'zh-CN', width: 390, height: 844 },
];

describe.skipIf(!chromium.present)(`long texts ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recordings: readonly string[];
  beforeAll(async () => {
    recordings = [...(await uploadSamples(stage.world, stage.world.harbour, 'harbour')).values()];
  });

  const ask = async (recording: string | undefined): Promise<string> => {
    const json = { recording, purpose: 'quality', reason: REASON, ticket: ADDRESS, minutes: 15 };
    const asked = await stage.world.call('POST', '/v1/access-requests', {
      key: stage.world.harbour.reviewer.key,
      json,
    });
    return ((await asked.json()) as { id: string }).id;
  };
  const inPlace = async (person: Person, path: string, sign: string): Promise<void> => {
    await person.page.goto(path);
    await untilLoaded(person);
    await person.page.locator(sign).first().waitFor();
    expect(await textOutsideCard(person.page), path).toEqual([]);
  };

  test.each(LOOKS)('at $width stay in their places', async (look) => {
    const { world } = stage;
    const { harbour } = world;
    const [waits, refused, granted] = recordings;
    const id = await ask(waits);
    const no = await ask(refused);
    const json = { reason: `No: ${'unbroken'.repeat(40)}` };
    await world.call('POST', `/v1/access-requests/${no}/deny`, { key: harbour.supervisor.key, json });
    await world.grant(harbour, granted ?? '', { ticket: ADDRESS, reason: REASON, minutes: 15 });

    const sue = await stage.signIn(harbour.tenant, harbour.supervisor, look);
    await inPlace(sue, `/approvals/${id}`, '.decide');
    const said = sue.page.getByText('Weekly sample', { exact: false }).last();
    const lefts = await said.evaluate((p) => {
      const last = p.lastChild as Text;
      return [0, 1].map((n) => {
        const range = new Range();
        range.setStart(last, n);
        range.setEnd(last, n + 1);
        return range.getBoundingClientRect().left;
      });
    });
    expect(lefts[0]).toBeLessThan(lefts[1] ?? 0);
    await inPlace(sue, `/approvals/${no}`, '.dt-side .sb');

    const rita = await stage.signIn(harbour.tenant, harbour.reviewer, look);
    for (const tab of ['', '?tab=pending', '?tab=past']) await inPlace(rita, `/access${tab}`, '.strip .left');
    for (const recording of [waits, refused]) await inPlace(rita, `/recordings/${recording}/ask`, '.checks');
    await inPlace(rita, `/recordings/${granted}`, '.strip .long');
    const ticket = rita.page.getByRole('button', { name: ADDRESS });
    await ticket.click();
    expect(await ticket.getAttribute('aria-expanded')).toBe('true');
    expect(await textOutsideCard(rita.page)).toEqual([]);
    const page = await rita.page.evaluate(() => innerWidth);
    const end = await rita.page.locator('.strip > .btn').last().boundingBox();
    expect((end?.x ?? page) + (end?.width ?? 0)).toBeLessThanOrEqual(page);

    await world.call('POST', `/v1/access-requests/${id}/cancel`, { key: harbour.reviewer.key });
    for (const person of [sue, rita]) await person.context.close();
  });

  test.each(['en', 'zh-CN'] as const)('of two grants overlap nothing in the strip, in %s', async (language) => {
    const { world } = stage;
    for (const recording of recordings.slice(0, 2)) await world.grant(world.harbour, recording);
    const { page } = await stage.signIn(world.harbour.tenant, world.harbour.reviewer, { language });
    const more = page.locator('.strip > .link');
    await more.waitFor();
    for (const width of [...WIDTHS, 1180, 1181, 1280, 1281]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await overflowingParts(page), `${width}`).toEqual([]);
      expect(await more.isVisible(), `${width}`).toBe(width > 900);
    }
  });

  test('of a search are limited to the service’s maximum, and a malformed one offers no retry', async () => {
    const { tenant, reviewer } = stage.world.harbour;
    const { page, context } = await stage.signIn(tenant, reviewer);
    const finds = page.getByRole('searchbox', { name: 'Find recordings' });
    await finds.pressSequentially('x'.repeat(140));
    expect(await finds.inputValue()).toHaveLength(128);
    await finds.press('Enter');
    await page.getByRole('button', { name: 'Remove Ticket' }).click({ trial: true });
    expect(await textOutsideCard(page)).toEqual([]);
    const json = { type: 'about:blank', title: 'not of its form', status: 400, code: 'malformed' };
    await page.route('**/v1/recordings*', (route) => route.fulfill({ status: 400, json }));
    await page.goto('/recordings?span=all');
    await page.getByText('The list could not be loaded').waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    await context.close();
  });

  test('of a passkey’s name leave room to remove it', async () => {
    const { tenant, auditor } = stage.world.harbour;
    const person = await stage.signIn(tenant, auditor);
    await addPasskey(person, 'W'.repeat(64));
    for (const width of [1440, 390]) {
      await person.page.setViewportSize({ width, height: 900 });
      expect(await textOutsideCard(person.page)).toEqual([]);
      await person.page.getByRole('button', { name: /^Remove/ }).click({ trial: true });
    }
    await person.context.close();
  });
});
