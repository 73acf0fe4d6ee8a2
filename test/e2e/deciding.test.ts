// Deciding on a request where something goes wrong.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { openStage, type Stage } from './support/stage.ts';
import { addPasskey } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`deciding ${chromium.reason}`, () => {
  let stage: Stage;
  let recording: string;
  beforeAll(async () => {
    stage = await openStage();
    [recording = ''] = [...(await uploadSamples(stage.world, stage.world.harbour, 'harbour')).values()];
  });
  afterAll(() => stage.end());

  test('a passkey that fails is told beside what was pressed, as a failing', async () => {
    const { world } = stage;
    const { harbour } = world;
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    expect((await world.call('POST', '/v1/access-requests', { key: harbour.reviewer.key, json })).status).toBe(201);
    const { page, context } = await stage.signIn(harbour.tenant, harbour.supervisor);
    await addPasskey({ page, context, complaints: [], requests: [] });
    await page.goto('/approvals');
    await page.evaluate(() => {
      const refuse = () => Promise.reject(new DOMException('closed', 'NotAllowedError'));
      Object.assign(navigator.credentials, { get: refuse });
    });
    const failed = page.getByRole('alert').getByText('Your passkey was not accepted.', { exact: false });
    await page.getByRole('button', { name: /^Approve with passkey/ }).click();
    await page.locator('.decide').filter({ has: failed }).waitFor();
    await page.getByRole('button', { name: /^Refuse/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Refuse this request' });
    await dialog.getByLabel('Reason').fill('not now');
    await dialog.getByRole('button', { name: 'Refuse' }).click();
    await dialog.filter({ has: failed }).waitFor();
    expect(await page.getByText('Approved', { exact: true }).count()).toBe(0);
    await context.close();
  });
});
