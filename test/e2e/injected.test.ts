// Sixty texts that look like markup, in every text field: shown unchanged, and nothing runs, loads or reports an error.
import { beforeAll, describe, expect, test } from 'vitest';
import { isPersonName } from '../../src/model/change/people.ts';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { uploadTranscript } from './support/calls.ts';
import { PAYLOADS } from './support/payloads.ts';
import { type Person, sharedStage } from './support/stage.ts';
import { untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
/** Payloads that a short field accepts: without control characters. */
const FITS = PAYLOADS.filter((text) => text.length <= 128 && !/\p{Cc}/u.test(text));

describe.skipIf(!chromium.present)(`texts that look like markup ${chromium.reason}`, () => {
  const stage = sharedStage();
  let recording: string;
  beforeAll(async () => {
    const { world } = stage;
    const { harbour } = world;
    // Each call has other payloads as agent, queue and ticket.
    for (const [n, text] of FITS.entries()) {
      const [agent, queue, ticket] = [text, FITS[(n + 20) % FITS.length] ?? '', FITS[(n + 40) % FITS.length] ?? ''];
      const headers = Object.fromEntries(
        Object.entries({ agent, queue, ticket }).map(([name, value]) => [
          `vault-meta-${name}`,
          encodeURIComponent(value),
        ]),
      );
      await world.deposited(harbour, `injected-${n}`, wav(1000), headers);
    }
    recording = await world.deposited(harbour, 'injected-words', wav(8000 * 2 * 130));
    const segments = PAYLOADS.map((text, n) => ({ start_ms: n * 2000, end_ms: n * 2000 + 1900, channel: n % 2, text }));
    await uploadTranscript(world, harbour, recording, 'en', JSON.stringify({ v: 1, language: 'en', segments }));
  });

  /** Fails if a payload ran: `xss` counts its calls. */
  async function watched(person: Person): Promise<Person> {
    await person.page.addInitScript(() =>
      Object.assign(window, { ran: 0, xss: () => Object.assign(window, { ran: 1 }) }),
    );
    return person;
  }
  async function unharmed({ page, complaints, requests }: Person): Promise<void> {
    expect(await page.evaluate(() => (window as unknown as { ran: number }).ran)).toBe(0);
    expect(requests.filter((sent) => sent.includes('evil.example'))).toEqual([]);
    expect(complaints).toEqual([]);
  }

  test('as agents, queues and tickets of recordings', async () => {
    const { harbour } = stage.world;
    const person = await watched(await stage.signIn(harbour.tenant, harbour.reviewer, { height: 4000 }));
    const { page } = person;
    await page.goto('/recordings');
    await untilLoaded(person);
    const shown = await page.getByRole('main').textContent();
    for (const text of FITS) expect(shown).toContain(text.trim());
    await unharmed(person);
  });

  test('as reasons and tickets of requests, and as reasons of denials', async () => {
    const { world } = stage;
    const { harbour } = world;
    const ids: string[] = [];
    for (const [n, text] of PAYLOADS.entries()) {
      const ticket = FITS[n % FITS.length] ?? 'T';
      const json = { recording, purpose: 'quality', reason: `reason ${text}`, ticket, minutes: 15 };
      const asked = await world.call('POST', '/v1/access-requests', { key: harbour.reviewer.key, json });
      expect(asked.status, text).toBe(201);
      ids.push(((await asked.json()) as { id: string }).id);
    }
    const sue = await watched(await stage.signIn(harbour.tenant, harbour.supervisor));
    for (const [n, id] of ids.entries()) {
      if (n === 0) await sue.page.goto(`/approvals/${id}`);
      else await sue.page.locator(`a[href$="${id}"]`).click();
      await sue.page.getByText(`reason ${PAYLOADS[n]?.trim()}`, { exact: true }).first().waitFor();
    }
    await unharmed(sue);
    for (const [n, id] of ids.entries()) {
      const deny = { key: harbour.supervisor.key, json: { reason: `because ${PAYLOADS[n]}` } };
      expect((await world.call('POST', `/v1/access-requests/${id}/deny`, deny)).status).toBe(200);
    }
    const rita = await watched(await stage.signIn(harbour.tenant, harbour.reviewer, { height: 12_000 }));
    await rita.page.goto('/access');
    await untilLoaded(rita);
    await rita.page.getByText(/Past/).first().click();
    await rita.page
      .getByText(`because ${PAYLOADS.at(-1)?.trim()}`)
      .first()
      .waitFor();
    await unharmed(rita);
  });

  test('as words of a transcript, and as comments', async () => {
    const { world } = stage;
    const { harbour } = world;
    const grant = await world.grant(harbour, recording, { objects: ['audio', 'transcript'], minutes: 60 });
    const session = await world.session(harbour, grant);
    for (const [n, text] of PAYLOADS.entries()) {
      const json = { start_ms: n * 1000, end_ms: null, category: 'note', visibility: 'team', text };
      const made = await world.call('POST', `/v1/sessions/${session}/comments`, { key: harbour.reviewer.key, json });
      expect(made.status, text).toBe(201);
    }
    const person = await watched(await stage.signIn(harbour.tenant, harbour.reviewer, { height: 9000 }));
    const { page } = person;
    await page.goto(`/recordings/${recording}`);
    await page.getByRole('button', { name: 'Listen', exact: true }).click();
    await page.locator('button.t').first().waitFor();
    const lines = page.getByRole('region', { name: 'Transcript' });
    const comments = page.getByRole('tabpanel', { name: /Comments/ });
    for (const text of PAYLOADS) {
      expect(await lines.getByText(text.trim(), { exact: true }).count(), text).toBeGreaterThan(0);
      expect(await comments.getByText(text.trim(), { exact: true }).count(), text).toBeGreaterThan(0);
    }
    await unharmed(person);
  });

  test('as names of people, and in the log', async () => {
    const { world } = stage;
    const { harbour } = world;
    const names = PAYLOADS.filter(isPersonName);
    expect(names.length).toBeGreaterThan(PAYLOADS.length / 2);
    for (const text of names) await world.named(harbour.tenant, text);
    const admin = await watched(await stage.signIn(harbour.tenant, harbour.admin, { height: 9000 }));
    await admin.page.goto('/people');
    await untilLoaded(admin);
    const shown = await admin.page.getByRole('main').textContent();
    for (const text of names) expect(shown).toContain(text.trim());
    await unharmed(admin);
    const auditor = await watched(await stage.signIn(harbour.tenant, harbour.auditor, { height: 9000 }));
    await auditor.page.goto('/activity');
    await untilLoaded(auditor);
    await unharmed(auditor);
  });
});
