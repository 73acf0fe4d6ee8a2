// The retention page in browsers: first rules from a pack, a change with what it would do, and the second person's approval.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RetentionRules } from '../../src/model/retention/rules.ts';
import { rulesApplier } from '../../src/vault/retention/apply-to-recordings.ts';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { overflowingParts } from './support/overflow.ts';
import { axeFindings, expectAccessibleAndInside, LOOKS } from './support/page-checks.ts';
import { takePicture } from './support/picture.ts';
import { type Look, type Person, sharedStage } from './support/stage.ts';
import { addPasskey, untilLoaded } from './support/steps.ts';

const chromium = needs('chromium');
const RULES: RetentionRules = {
  v: 1,
  grace: 'P7D',
  keep: [
    {
      ...{ id: 'sales-long', name: '长期险销售', law: '保险销售可回溯办法', for: 'P10Y', from: 'call' },
      when: { queue: ['保险外呼'], 'field:product': ['长期'] },
    },
    {
      ...{ id: 'outbound', name: 'Outbound calls', law: 'MIIT (2020) 81', for: 'P30D', from: 'call' },
      when: { direction: ['outbound'] },
    },
  ],
  erase: [
    { id: 'complaints', name: 'Complaints', when: { queue: ['complaints', 'cards'] }, from: 'call', for: 'P3Y' },
    { id: 'unsold', name: 'Unsold', when: { direction: ['outbound'] }, from: 'call', for: 'P180D' },
    { id: 'rest', name: 'All the rest', when: {}, from: 'call', for: 'P1Y' },
  ],
};
const [LONG, OUTBOUND] = RULES.keep;
const [COMPLAINTS, UNSOLD, REST] = RULES.erase;
const LATER = {
  ...RULES,
  keep: [
    { ...LONG, from: 'event:contract-ended' },
    {
      ...{ id: 'sales-short', name: '短期险销售', law: '保险销售可回溯办法', for: 'P5Y', from: 'event:contract-ended' },
      when: { queue: ['保险外呼'], 'field:product': ['短期'] },
    },
    OUTBOUND,
  ],
  erase: [COMPLAINTS, { ...UNSOLD, for: 'P90D' }, REST],
};

describe.skipIf(!chromium.present)(`retention in a browser ${chromium.reason}`, () => {
  const stage = sharedStage();
  const folder = mkdtempSync(join(tmpdir(), 'callvault-retention-'));
  let officer: Person;
  let [change, call] = ['', ''];

  const inForce = async (tenant: 'harbour' | 'yunhai') => {
    const reply = await stage.world.call('GET', '/v1/retention', { key: stage.world[tenant].privacy.key });
    const { data } = (await reply.json()) as { data: { id: string; version: number; in_force: boolean }[] };
    return data.find((one) => one.in_force);
  };
  const propose = async (rules: unknown, note: string) => {
    const base = (await inForce('yunhai'))?.id ?? null;
    const sent = { kind: 'retention', note, base, rules };
    const reply = await stage.world.call('POST', '/v1/changes', { key: stage.world.yunhai.privacy.key, json: sent });
    expect(reply.status, await reply.clone().text()).toBe(201);
    const { id } = (await reply.json()) as { id: string };
    // The person of the key signs it in the console.
    await officer.page.goto(`/retention/${id}`);
    await officer.page.getByRole('button', { name: 'Sign with passkey' }).click();
    await officer.page.getByRole('button', { name: 'Withdraw' }).waitFor();
    await officer.page.getByRole('button', { name: 'Sign with passkey' }).waitFor({ state: 'detached' });
    return id;
  };

  it('has proposals of a program signed by its person, and puts them in force', { timeout: 300_000 }, async () => {
    const { world } = stage;
    const { yunhai } = world;
    officer = await stage.signIn(yunhai.tenant, yunhai.privacy, { language: 'en' });
    await addPasskey(officer);
    for (const [n, queue, direction] of [
      [1, '保险外呼', 'outbound'],
      [2, 'cards', 'inbound'],
      [3, 'support', 'outbound'],
      [4, 'support', 'inbound'],
    ] as const) {
      const headers = { 'vault-meta-queue': encodeURIComponent(queue), 'vault-meta-direction': direction };
      const id = await world.deposited(yunhai, `kept-${n}`, wav(1000), headers);
      if (n === 1) call = id;
    }
    await world.call('PATCH', '/v1/ingest/pbx/kept-1', {
      key: yunhai.uploader.key,
      json: { fields: { product: '长期' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    const first = await propose(RULES, 'The first rules');
    const admin = await stage.signIn(yunhai.tenant, await world.person(yunhai.tenant, ['admin']), { language: 'en' });
    await addPasskey(admin);
    await admin.page.goto(`/retention/${first}`);
    await admin.page.getByRole('button', { name: 'Approve with passkey' }).click();
    await admin.page.getByText('Already decided').waitFor();
    await rulesApplier(world.vault)({ signal: AbortSignal.timeout(60_000) });
    change = await propose(LATER, '保险销售改从合同终止起算，满足可回溯要求；外呼未成交的录音再留半年没有用途。');
    expect([...officer.complaints, ...admin.complaints]).toEqual([]);
  });

  const open = async (path: string, look: Look = {}): Promise<Person> => {
    const person = await stage.signIn(stage.world.yunhai.tenant, stage.world.yunhai.admin, look);
    await person.page.goto(path);
    return person;
  };

  it.each(LOOKS)('shows the rules in force and a proposal, accessibly, %o', async (look) => {
    const { id = '' } = (await inForce('yunhai')) ?? {};
    const person = await open(`/retention/${id}`, look);
    await person.page.locator('.rules .tbl').first().waitFor();
    await untilLoaded(person);
    await expectAccessibleAndInside(person);
    await person.page.goto(`/retention/${change}`);
    await person.page.locator('.rules ins').first().waitFor();
    await untilLoaded(person);
    await expectAccessibleAndInside(person);
    await person.page.goto(`/changes/${change}`);
    await person.page.locator('.rules ins').first().waitFor();
    await untilLoaded(person);
    await expectAccessibleAndInside(person);
  });

  it('shows until when a recording is kept under both versions, on its page too', async () => {
    const person = await stage.signIn(
      stage.world.yunhai.tenant,
      await stage.world.person(stage.world.yunhai.tenant, ['privacy']),
      { language: 'en' },
    );
    const { page } = person;
    await page.goto(`/retention/${change}`);
    await page.getByLabel('Id of a recording').fill(call);
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    const one = page.getByRole('region', { name: 'Look at one recording' });
    await one.getByText(/Kept until .*, because of “长期险销售” \(保险销售可回溯办法\)/).waitFor();
    await one.getByText(/Kept until the end of the contract is reported and 10 years after it/).waitFor();
    await page.goto(`/recordings/${call}`);
    await page
      .locator('.kept-line')
      .getByText(/^Kept until .*, because of “长期险销售”/)
      .waitFor();
    await page.getByRole('button', { name: 'Who listened to this recording' }).click();
    await page.getByRole('tab', { name: 'Details' }).click();
    await page
      .getByRole('region', { name: 'Lifetime' })
      .getByText(/Kept until .*, because of “长期险销售”/)
      .waitFor();
    expect(person.complaints).toEqual([]);
  });

  it('takes pictures in which nothing is cut off', { timeout: 300_000 }, async () => {
    process.stdout.write(`pictures: ${folder}\n`);
    const found: Record<string, readonly string[]> = {};
    const person = await open(`/retention/${change}`);
    await addPasskey(person);
    const { page } = person;
    const take = async (name: string): Promise<void> => {
      for (const [language, choice] of [
        ['en', 'EN'],
        ['zh-CN', '中文'],
      ] as const) {
        await page.setViewportSize({ width: 1440, height: 900 });
        await page.getByRole('button', { name: choice, exact: true }).click();
        await page.locator(`html[lang=${language}]`).waitFor();
        for (const size of [
          { width: 1440, height: 900 },
          { width: 390, height: 844 },
        ]) {
          await page.setViewportSize(size);
          await untilLoaded(person);
          const look = `${name}.${language}.${size.width}`;
          await takePicture(page, join(folder, `${look}.png`));
          const out = [...(await overflowingParts(page)), ...(await axeFindings(page))];
          if (out.length > 0) found[look] = out;
        }
      }
    };
    await page.goto(`/retention/${change}`);
    await page.locator('.rules ins').first().waitFor();
    await take('proposal');
    await page.goto(`/retention/${(await inForce('yunhai'))?.id}`);
    await page.locator('.rules .tbl').first().waitFor();
    await take('in-force');
    await page.goto(`/changes/${change}`);
    await page.locator('.rules ins').first().waitFor();
    await take('change');
    expect(found).toEqual({});
    expect(person.complaints).toEqual([]);
  });

  it('begins with a pack, is edited in a form, and approved by an admin with a passkey', async () => {
    const { harbour } = stage.world;
    const first = await stage.signIn(harbour.tenant, harbour.privacy, { language: 'en' });
    await addPasskey(first);
    const { page } = first;
    await page.goto('/retention');
    await page.getByRole('heading', { name: 'No retention rules yet' }).waitFor();
    await page.getByRole('button', { name: 'Start from this… China: call centre' }).click();
    const form = page.getByRole('dialog', { name: 'Propose retention rules' });
    await form.getByRole('button', { name: 'Add a promise' }).click();
    await form.getByRole('button', { name: 'Preview' }).click();
    await form.getByText('new rule: the name is missing').waitFor();
    await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Complaints');
    const texts = form.getByLabel('Any of');
    await texts.fill('Complaints');
    await texts.press('Enter');
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowingParts(page)).toEqual([]);
    await form.getByRole('button', { name: 'Preview' }).click();
    await form.getByRole('heading', { name: 'Preview' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await overflowingParts(page)).toEqual([]);
    await form.getByLabel('Reason').fill('As the law requires');
    await form.getByRole('button', { name: 'Propose', exact: true }).click();
    await page.waitForURL(/\/retention\/chg_/);
    await page.getByRole('heading', { name: 'Your change' }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve with passkey' }).count()).toBe(0);

    const other = await stage.signIn(harbour.tenant, harbour.admin, { language: 'en' });
    await addPasskey(other);
    await other.page.goto(page.url());
    await other.page.getByRole('heading', { name: /proposes the first rules$/ }).waitFor();
    await other.page.getByRole('button', { name: 'Approve with passkey' }).click();
    await other.page.getByText('Already decided').waitFor();
    expect(await inForce('harbour')).toMatchObject({ version: 1, in_force: true });
    await other.page.goto('/retention');
    await other.page.getByText(/Version 1 in force since/).waitFor();
    await other.page.getByRole('region', { name: 'Expiry' }).getByText('Running').waitFor();
    // An administrator approves, but does not pause.
    expect(await other.page.getByRole('button', { name: 'Pause…' }).count()).toBe(0);
    expect([...first.complaints, ...other.complaints]).toEqual([]);
  });
});
