// Searches by call id, interaction and the tenant's fields: from the search box and the filters, in no address.
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { type Person, sharedStage } from './support/stage.ts';

const chromium = needs('chromium');
const FINDS = /^(Find recordings|搜索录音)$/;
const MORE = /^(More|更多)$/;
const PRIVATE = /17-leg|C-2026-0815|K-2026-77/;

describe.skipIf(!chromium.present)(`searches by ids and fields ${chromium.reason}`, () => {
  const stage = sharedStage();
  beforeAll(async () => {
    const { world } = stage;
    const { tenant } = world.harbour;
    world.sql.prepare('update tenant set searchable = ? where tenant = ?').run('contract,order-no', tenant);
    for (const [call, agent] of [
      ['17-leg', 'Ann'],
      ['18-leg', 'Bob'],
    ] as const)
      await world.deposited(world.harbour, call, wav(16_000), {
        'vault-meta-agent': agent,
        'vault-meta-interaction': 'C-2026-0815',
        ...(agent === 'Bob' ? { 'vault-meta-field-contract': 'K-2026-77' } : {}),
      });
  });

  const open = async (look = {}): Promise<Person> => {
    const { harbour } = stage.world;
    const person = await stage.signIn(harbour.tenant, harbour.reviewer, look);
    await person.page.goto('/recordings?span=all');
    await person.page.getByText('Ann', { exact: true }).first().waitFor();
    return person;
  };
  const agents = ({ page }: Person): Promise<string[]> => page.locator('tbody td.d-agent').allInnerTexts();

  it('understand a text as a call id, by keys alone', async () => {
    const person = await open();
    const { page, requests } = person;
    await page.keyboard.press('/');
    await page.keyboard.type('17-leg');
    await page.getByText('Finds calls of the ticket 17-leg').waitFor();
    const choices = page.getByRole('group', { name: 'Or search for it as' }).getByRole('button');
    expect(await choices.allInnerTexts()).toEqual(['Call id', 'Interaction', 'contract', 'order-no']);
    await expectAccessibleAndInside(person);
    await page.keyboard.press('Tab');
    await expect.poll(() => choices.first().evaluate((button) => button === document.activeElement)).toBe(true);
    const searched = page.waitForRequest((sent) => sent.url().endsWith('/v1/recordings/search'));
    await page.keyboard.press('Enter');
    const { fields, ticket, call_id: callId } = (await searched).postDataJSON() as Record<string, unknown>;
    expect([callId, ticket, fields]).toEqual(['17-leg', undefined, undefined]);
    await page.locator('.chip', { hasText: 'Call id' }).getByText('17-leg').waitFor();
    await expect.poll(() => agents(person)).toEqual(['Ann']);
    expect(requests.filter((sent) => PRIVATE.test(sent))).toEqual([]);
    expect(page.url()).not.toMatch(PRIVATE);
  });

  it('understand a text as a field, by a click', async () => {
    const person = await open();
    const { page } = person;
    await page.getByRole('searchbox', { name: FINDS }).fill('k-2026-77');
    await page.getByRole('button', { name: 'contract', exact: true }).click();
    await page.locator('.chip', { hasText: 'contract' }).waitFor();
    await expect.poll(() => agents(person)).toEqual(['Bob']);
    expect(await page.getByRole('searchbox', { name: FINDS }).inputValue()).toBe('');
  });

  it('combine in one search, and each chip removes its term', async () => {
    const person = await open();
    const { page, requests } = person;
    const bodies: unknown[] = [];
    page.on('request', (sent) => {
      if (sent.url().endsWith('/v1/recordings/search')) bodies.push(sent.postDataJSON());
    });
    await page.getByRole('button', { name: MORE }).click();
    const form = page.getByRole('dialog', { name: MORE });
    await form.getByLabel('Interaction').fill(' c-2026-0815 ');
    await form.getByLabel('contract').fill('K-2026-77');
    await form.getByLabel('contract').press('Enter');
    await form.waitFor({ state: 'detached' });
    await expect.poll(() => agents(person)).toEqual(['Bob']);
    expect(bodies).toEqual([
      expect.objectContaining({ interaction: 'c-2026-0815', fields: { contract: 'K-2026-77' } }),
    ]);
    await page.getByRole('button', { name: 'Remove contract' }).click();
    await expect.poll(async () => (await agents(person)).sort()).toEqual(['Ann', 'Bob']);
    expect(bodies[1]).not.toHaveProperty('fields');
    // The form shows what is searched for; an emptied field is no term.
    await page.getByRole('button', { name: MORE }).click();
    expect(await form.getByLabel('Interaction').inputValue()).toBe('c-2026-0815');
    await form.getByLabel('Interaction').fill('');
    await form.getByRole('button', { name: 'Apply' }).click();
    await page.locator('.chip').first().waitFor({ state: 'detached' });
    expect(requests.filter((sent) => PRIVATE.test(sent))).toEqual([]);
  });

  it.each(LOOKS)('are accessible and inside the page, %j', async (look) => {
    const person = await open(look);
    const { page } = person;
    await page.getByRole('button', { name: MORE }).click();
    await page.getByRole('textbox', { name: 'order-no' }).waitFor();
    await expectAccessibleAndInside(person);
    await page.getByRole('textbox', { name: 'contract' }).fill('K-2026-77');
    await page.keyboard.press('Enter');
    await page.locator('.chip', { hasText: 'contract' }).waitFor();
    await expectAccessibleAndInside(person);
    if ((look.width ?? 1440) < 900) await page.getByRole('button', { name: /^(Menu|菜单)$/ }).click();
    await page.getByRole('searchbox', { name: FINDS }).last().fill('02079460123');
    await page.getByRole('group', { name: /^(Or search for it as|或按以下内容搜索)$/ }).waitFor();
    await expectAccessibleAndInside(person);
  });

  it('say so while older calls may be missing', async () => {
    const { world } = stage;
    const { tenant } = world.harbour;
    const { page } = await open();
    const notice = page.getByRole('status').filter({ hasText: 'Older calls may be missing' });
    const search = async (text: string): Promise<void> => {
      await page.keyboard.press('/');
      await page.keyboard.type(text);
      const choices = page.getByRole('group', { name: 'Or search for it as' });
      await choices.getByRole('button', { name: 'Call id' }).click();
    };
    // Background work may end the pass before a search: then the pass begins again.
    let searches = 0;
    await until('a search says so', async () => {
      world.sql.prepare('update tenant set index_version = 1 where tenant = ?').run(tenant);
      world.sql.prepare('delete from index_progress').run();
      world.sql.prepare(`insert into index_progress values (?, 0, 0, '')`).run(tenant);
      searches += 1;
      const answered = page.waitForResponse((reply) => reply.url().endsWith('/v1/recordings/search'));
      await search(`${searches}-leg`);
      const { complete } = (await (await answered).json()) as { complete: boolean };
      return !complete;
    });
    await notice.waitFor();
    world.sql.prepare('update index_progress set complete = 1 where tenant = ?').run(tenant);
    await search('again-leg');
    await notice.waitFor({ state: 'detached' });
  });
});
