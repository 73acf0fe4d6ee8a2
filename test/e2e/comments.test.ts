// Comments in a browser: their positions, editing, and unsaved drafts.
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { axeFindings } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { goTo, stopPlaying } from './support/steps.ts';

const chromium = needs('chromium');
const CALL = 'harbour-1-lost-card.wav';

describe.skipIf(!chromium.present)(`comments ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;
  let other: string;
  beforeAll(async () => {
    const ids = await uploadSamples(stage.world, stage.world.harbour, 'harbour');
    recording = ids.get(CALL) ?? '';
    other = ids.get('harbour-3-transfer-zh.wav') ?? '';
  });

  /** A reviewer with a grant who is listening. */
  async function listen(id = recording): Promise<Person & { grant: string }> {
    const { harbour } = stage.world;
    const grant = await stage.world.grant(harbour, id);
    const person = await stage.signIn(harbour.tenant, harbour.reviewer);
    await person.page.goto(`/recordings/${id}`);
    await person.page.getByRole('button', { name: 'Listen' }).click();
    await stopPlaying(person);
    await person.page.locator('.ln').first().waitFor();
    return { ...person, grant };
  }

  test('puts a comment on the line where playback started', async () => {
    const { page } = await listen();
    const line = page.locator('.ln').filter({ has: page.getByRole('button', { name: 'Play from 00:10' }) });
    await line.getByRole('button', { name: 'Play from 00:10' }).click();
    await expect.poll(() => line.getAttribute('aria-current')).toBe('true');
    await page.keyboard.press('c');
    await page.getByRole('textbox', { name: 'Comment at 00:10' }).fill('pinned here');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('pinned here').waitFor();
    await line.getByRole('button', { name: /^Show comment/ }).waitFor();
    expect(await page.getByRole('button', { name: /^Show comment/ }).count()).toBe(1);
  });

  test('shows editing, leaves it with Escape, and keeps no draft without a change', async () => {
    const { page, grant, complaints } = await listen();
    const field = page.getByRole('textbox', { name: /^Comment at/ });
    await field.fill('as it was saved');
    await page.getByRole('button', { name: 'Save' }).click();
    const note = page.getByRole('listitem').filter({ hasText: 'as it was saved' });
    const edit = note.getByRole('button', { name: 'Edit' });
    const heading = page.getByRole('heading', { name: /^Editing the comment at/ });
    await edit.click();
    await heading.waitFor();
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
    await field.press('Escape');
    await heading.waitFor({ state: 'detached' });
    expect(await field.inputValue()).toBe('');
    expect(await edit.evaluate((button) => button === document.activeElement)).toBe(true);
    await edit.click();
    await field.fill('changed');
    await field.press('Escape');
    expect(await field.inputValue()).toBe('changed');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await heading.waitFor({ state: 'detached' });
    await edit.click();
    await heading.waitFor();
    expect(complaints).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);
    await stage.world.call('POST', `/v1/grants/${grant}/revoke`, { key: stage.world.harbour.supervisor.key });
    await page.getByRole('heading', { name: /^Ended by/ }).waitFor();
    expect(await page.getByText('as it was saved').count()).toBe(0);
  });

  test('isolates bidirectional characters in comments and reasons', async () => {
    const { page, grant } = await listen();
    await page.getByRole('textbox', { name: /^Comment at/ }).fill('turned \u202eround');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('listitem').filter({ hasText: 'turned' }).locator('bdi.turn').waitFor();
    const { key } = stage.world.harbour.supervisor;
    await stage.world.call('POST', `/v1/grants/${grant}/revoke`, { key, json: { reason: 'ended \u202eround' } });
    await page.locator('main', { hasText: 'ended' }).locator('bdi.turn').waitFor();
  });

  test('shows how long an unsaved comment is kept', async () => {
    const { page, grant } = await listen();
    await page.getByRole('textbox', { name: /^Comment at/ }).fill('half a thought');
    await stage.world.call('POST', `/v1/grants/${grant}/revoke`, { key: stage.world.harbour.supervisor.key });
    const kept = page.getByRole('region', { name: 'Your unsaved comment' });
    await kept.getByText('half a thought').waitFor();
    await kept.getByText(/^It is kept until this page is closed or loaded again\./).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.getByText('half a thought').count()).toBe(0);
  });

  test('counts what was played as heard, also after another page and a reload', async () => {
    const { page } = await listen(other);
    const heard = page.locator('.tl-side').getByText(/^Heard \d+%/);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await expect.poll(() => heard.textContent()).toMatch(/Heard ([3-9]|\d\d)%/);
    await stopPlaying({ page });
    const said = (await heard.textContent()) ?? '';
    await goTo(page, 'Recordings');
    await page.getByRole('table').waitFor();
    await page.goBack();
    await expect.poll(() => heard.textContent()).toBe(said);
    await page.reload();
    await expect.poll(() => heard.textContent()).toBe(said);
    expect(await page.getByText(/handed out/i).count()).toBe(0);
    await page.getByRole('button', { name: 'End now' }).click();
    await page.getByText(new RegExp(`You heard ${/\d+/.exec(said)?.[0]}%\\. Saved comments stay\\.`)).waitFor();
  });
});
