// Decisions on a request when something goes wrong.
import { beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.ts';
import { uploadSamples } from './support/calls.ts';
import { sharedStage } from './support/stage.ts';
import { addPasskey } from './support/steps.ts';

const chromium = needs('chromium');

describe.skipIf(!chromium.present)(`deciding ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;
  beforeAll(async () => {
    [recording = ''] = [...(await uploadSamples(stage.world, stage.world.harbour, 'harbour')).values()];
  });

  test('shows a failed passkey next to the pressed button, as a failure', async () => {
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
    await page.getByRole('button', { name: /^Deny/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Deny this request' });
    await dialog.getByLabel('Reason').fill('not now');
    await dialog.getByRole('button', { name: 'Deny' }).click();
    await dialog.filter({ has: failed }).waitFor();
    expect(await page.getByText(': approved').count()).toBe(0);
    await context.close();
  });

  test('leaves an approval no extension and a shorter window, and says what is signed', async () => {
    const { world } = stage;
    const { harbour } = world;
    const json = { recording, purpose: 'dispute', reason: 'disputed transfer', minutes: 15 };
    const asked = await world.call('POST', '/v1/access-requests', { key: harbour.reviewer.key, json });
    const { id } = (await asked.json()) as { id: string };
    const another = await world.person(harbour.tenant, ['supervisor']);
    const { page, context } = await stage.signIn(harbour.tenant, another);
    await addPasskey({ page, context, complaints: [], requests: [] });
    await page.goto(`/approvals/${id}`);
    const card = page.locator('.decide');
    await card.getByText(/^Your passkey signs: Listen, transcript, 15 min, first listen by /).waitFor();
    await card.getByText('The log also records the extension.', { exact: false }).waitFor();
    await card.getByRole('button', { name: '10 min' }).click();
    const windows = card.getByRole('group', { name: /^First listen by/ }).getByRole('button');
    await windows.first().click();
    await card.getByRole('checkbox', { name: 'One extension by 10 min' }).uncheck();
    await card.getByText(/, 10 min, first listen by .*\. The log also records: no extension\.$/).waitFor();
    await card.getByRole('button', { name: /^Approve with passkey/ }).click();
    await page.getByText(': approved').first().waitFor();
    const reply = await world.call('GET', '/v1/grants?mine=true', { key: harbour.reviewer.key });
    const { data } = (await reply.json()) as { data: Record<string, string | number | null>[] };
    const grant = data.find(({ request }) => request === id);
    expect(grant).toMatchObject({ minutes: 10, extend_minutes: null });
    const hours = (Date.parse(String(grant?.['opens_until'])) - Date.parse(String(grant?.['approved']))) / 3_600_000;
    expect(hours).toBeGreaterThan(3.9);
    expect(hours).toBeLessThanOrEqual(4);
    await context.close();
  });

  test('ends all grants of a person', async () => {
    const { world } = stage;
    const { harbour } = world;
    const { id: holder, key } = await world.person(harbour.tenant, ['reviewer']);
    for (const purpose of ['quality', 'complaint']) {
      const json = { recording, purpose, reason: 'two grants', minutes: 15 };
      const asked = await world.call('POST', '/v1/access-requests', { key, json });
      const { id } = (await asked.json()) as { id: string };
      const path = `/v1/access-requests/${id}/approve`;
      expect((await world.call('POST', path, { key: harbour.supervisor.key })).status).toBe(200);
    }
    const live = async () => {
      const reply = await world.call('GET', '/v1/grants?mine=false&state=live', { key: harbour.supervisor.key });
      return ((await reply.json()) as { data: { person: string }[] }).data.filter(({ person }) => person === holder)
        .length;
    };
    expect(await live()).toBe(2);
    const another = await world.person(harbour.tenant, ['supervisor']);
    const { page, context } = await stage.signIn(harbour.tenant, another);
    await page.goto('/approvals');
    await page.getByRole('button', { name: /^Live now/ }).click();
    await page.getByRole('button', { name: /^End all 2 grants of Rita/ }).click();
    const dialog = page.getByRole('dialog', { name: 'End all grants of Rita' });
    await dialog.getByLabel('Reason').fill('left the project');
    await dialog.getByRole('button', { name: 'End it' }).click();
    await page.getByText('Ended', { exact: true }).waitFor();
    await expect.poll(live).toBe(0);
    await context.close();
  });

  test('ignores the second click of a double click on the next request', async () => {
    const { world } = stage;
    const { harbour } = world;
    for (const who of ['reviewer', 'colleague'] as const) {
      const json = { recording, purpose: 'training', reason: 'double click', minutes: 15 };
      expect((await world.call('POST', '/v1/access-requests', { key: harbour[who].key, json })).status).toBe(201);
    }
    const open = async (): Promise<number> => {
      const reply = await world.call('GET', '/v1/access-requests?mine=false', { key: harbour.supervisor.key });
      const { data } = (await reply.json()) as { data: { state: string }[] };
      return data.filter(({ state }) => state === 'requested').length;
    };
    const before = await open();
    expect(before).toBeGreaterThanOrEqual(2);
    // The first decision used the passkey of the test before.
    const another = await world.person(harbour.tenant, ['supervisor']);
    const { page, context } = await stage.signIn(harbour.tenant, another);
    await addPasskey({ page, context, complaints: [], requests: [] });
    await page.goto('/approvals');
    const approve = page.getByRole('button', { name: /^Approve/ });
    await approve.waitFor();
    // Checked inside the page at the moment when the next request's button appears.
    await page.evaluate(() => {
      const shown = () => document.querySelector<HTMLButtonElement>('.decide button.p');
      const first = shown();
      const seen: boolean[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => {
        const button = shown();
        if (button !== null && button !== first) seen.push(button.disabled);
      }).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    await approve.click();
    await page.getByText(': approved').first().waitFor();
    await expect.poll(open).toBe(before - 1);
    await expect.poll(() => approve.isEnabled()).toBe(true);
    const seen = await page.evaluate(() => Reflect.get(window, 'seen') as boolean[]);
    expect(seen[0]).toBe(true);
    await context.close();
  });
});
