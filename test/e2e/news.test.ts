// Notifications about decisions of other people, on every page but the recording's, with the next step.
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { reportMeasurement } from './support/measured.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';
import { trackMedia, untilLoaded, untilPlayed } from './support/steps.ts';

const chromium = needs('chromium');
const REASON = 'The customer disputes a charge.';

describe.skipIf(!chromium.present)(`decisions made meanwhile ${chromium.reason}`, () => {
  const stage = sharedStage({ autoplay: 'user-gesture-required' });
  let recording: string;
  beforeAll(async () => {
    const ids = await uploadSamples(stage.world, stage.world.harbour, 'harbour');
    recording = ids.get('harbour-1-lost-card.wav') ?? '';
  });

  const post = async (who: 'reviewer' | 'supervisor' | 'colleague', path: string, json?: object) => {
    const { key } = stage.world.harbour[who];
    const reply = await stage.world.call('POST', path, { key, json });
    expect(reply.status).toBeLessThan(300);
    return (await reply.json()) as { id: string; grant: { id: string } };
  };
  const ask = async (who: 'reviewer' | 'colleague' = 'reviewer'): Promise<string> =>
    (await post(who, '/v1/access-requests', { recording, purpose: 'complaint', reason: REASON, minutes: 15 })).id;
  const approve = async (id: string): Promise<string> =>
    (await post('supervisor', `/v1/access-requests/${id}/approve`)).grant.id;
  const at = async (path: string, look: Look = {}, who: 'reviewer' | 'supervisor' = 'reviewer'): Promise<Person> => {
    const { harbour } = stage.world;
    const person = await stage.signIn(harbour.tenant, harbour[who], look);
    await trackMedia(person);
    const stream = person.page.waitForResponse((reply) => reply.url().endsWith('/v1/events')).catch(() => null);
    await person.page.goto(path);
    await untilLoaded(person);
    // The event stream of a shared worker is no request of the page, so the test waits for the page only.
    await Promise.race([stream, person.page.waitForTimeout(2000)]);
    return person;
  };

  it('shows an approval with a button that plays at once', async () => {
    const id = await ask();
    const person = await at('/account');
    const { page } = person;
    const grant = await approve(id);
    const news = page.getByRole('alert').filter({ hasText: 'Approved by Sue' });
    await news.getByText(/inbound .*· Complaint/).waitFor();
    const began = Date.now();
    await news.getByRole('button', { name: 'Listen' }).click();
    await untilPlayed(person, 0.1);
    reportMeasurement('notification to sound, 1 click', Date.now() - began);
    expect(new URL(page.url()).pathname).toBe(`/recordings/${recording}`);
    await news.waitFor({ state: 'detached' });
    expect(person.complaints).toEqual([]);
    await post('supervisor', `/v1/grants/${grant}/revoke`);
  });

  it('shows a denial and an end with their reasons, in Chinese too', async () => {
    const id = await ask();
    const { page } = await at('/help', { language: 'zh-CN', width: 390, height: 844 });
    await post('supervisor', `/v1/access-requests/${id}/deny`, { reason: '听错了客户' });
    const denied = page.getByRole('alert').filter({ hasText: 'Sue已拒绝' });
    await denied.getByText('“听错了客户”').waitFor();
    expect(await denied.getByRole('button', { name: '收听' }).count()).toBe(0);
    await denied.click();
    await denied.waitFor({ state: 'detached' });
    const grant = await approve(await ask());
    await page.getByRole('alert').filter({ hasText: 'Sue已批准' }).waitFor();
    await post('supervisor', `/v1/grants/${grant}/revoke`, { reason: '不再需要' });
    await page.getByRole('alert').filter({ hasText: 'Sue已结束您的调听授权' }).getByText('“不再需要”').waitFor();
    // The earlier offer is no longer shown.
    await page.getByRole('alert').filter({ hasText: 'Sue已批准' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: '收听' }).count()).toBe(0);
  });

  it('shows nothing about the recording of the open page, and nothing about requests of others', async () => {
    const person = await at(`/recordings/${recording}`);
    const sue = await at('/account', {}, 'supervisor');
    const [own, theirs] = [await ask(), await ask('colleague')];
    const grants = [await approve(own), await approve(theirs)];
    await person.page.getByRole('button', { name: 'Listen', exact: true }).waitFor();
    await sue.page.waitForTimeout(1500);
    for (const { page } of [person, sue]) expect(await page.getByText(/Approved by/).count()).toBe(0);
    for (const grant of grants) await post('supervisor', `/v1/grants/${grant}/revoke`);
  });
});
