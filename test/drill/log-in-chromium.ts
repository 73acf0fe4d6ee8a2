// A log of a million events checked by the console in Chromium, as an auditor does it: time, memory, and whether the page answers meanwhile.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { openSqlite } from '../../src/adapters/sql/sqlite.ts';
import { thisPackage } from '../../src/cli/support/this-package.ts';
import { consoleFiles } from '../../src/main/static-files.ts';
import { createSignInLink } from '../support/browser.ts';
import { sealTenant, sizeOf, verifierOf } from '../support/sealed-tenant.ts';
import { freePort } from '../support/servers/process.ts';
import { makeWorld, type World } from '../support/world.ts';
import { writeCalls } from './log-events.ts';

/**
 * `seconds` from the click to the result; `cpu`: of the processor, by the page's process with its worker; `mib`: the most
 * memory that this process had. `heapMib`: the most JavaScript heap of the worker, where the browser says it. `longest`:
 * the longest time in milliseconds in which the page did not answer.
 */
export type ChromiumDrill = {
  readonly events: number;
  readonly said: string;
  readonly seconds: number;
  readonly cpu: number;
  readonly mib: number;
  readonly heapMib: number | null;
  readonly longest: number;
};

/** Writes at least so many events into a tenant's log, seals it, and has Chromium check it with the verifier key. */
export async function drillInChromium(events: number, say: (line: string) => void): Promise<ChromiumDrill> {
  const files = await consoleFiles(thisPackage().folder);
  if (files === null) throw new Error('the console is not built: npm run console:build');
  const port = await freePort();
  const world = await makeWorld({ url: `http://localhost:${port}`, console: files, signed: true, sealSeconds: 86_400 });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const { tenant } = world.harbour;
    await fill(world, events);
    await sealTenant(world, tenant);
    const size = await sizeOf(world, tenant);
    say(`${size} events are written and sealed`);
    await world.listen(port);
    const page = await browser.newPage({ baseURL: `http://localhost:${port}`, locale: 'en-GB' });
    page.setDefaultTimeout(60_000);
    const link = await createSignInLink(world, tenant, world.harbour.auditor.id);
    await page.goto(`/sign-in#${link}`);
    await page.waitForURL((at) => at.pathname !== '/sign-in');
    await page.goto('/activity?group=all');
    await page.getByRole('button', { name: 'Enter the verifier key' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill(verifierOf(world, tenant));
    await page.getByRole('button', { name: 'Use this key' }).click();
    await watchAnswers(page);
    const from = performance.now();
    await page.getByRole('button', { name: 'Check the whole log' }).click();
    const heap = await heapOfWorkers(browser);
    const idle = costOfPage({ mib: 0, cpu: 0 });
    let [cost, heapMib] = [idle, null as number | null];
    while (await page.getByRole('button', { name: 'Stop' }).isVisible()) {
      cost = costOfPage(cost);
      heapMib = Math.max(heapMib ?? 0, (await heap()) ?? 0) || null;
      await page.waitForTimeout(500);
    }
    const seconds = Math.round((performance.now() - from) / 100) / 10;
    const said =
      (await page
        .getByRole('region', { name: /Check the whole log/ })
        .getByRole('status')
        .textContent()) ?? '';
    const steps = await page.locator('ol.vss li').allInnerTexts();
    for (const step of steps) say(`  ${step.replaceAll('\n', ': ')}`);
    const longest = await page.evaluate(() => Math.round((globalThis as { slowest?: number }).slowest ?? 0));
    return {
      events: size,
      said,
      seconds,
      cpu: Math.round((cost.cpu - idle.cpu) * 10) / 10,
      mib: cost.mib,
      heapMib,
      longest,
    };
  } finally {
    await browser.close();
    await world.end();
  }
}

async function fill({ vault, sql, folder, harbour }: World, events: number): Promise<void> {
  const { tenant, reviewer, supervisor, uploader } = harbour;
  const rows = sql.prepare('select id, principal from api_key where tenant = ?').all(tenant);
  const keys = new Map((rows as { id: string; principal: string }[]).map(({ id, principal }) => [principal, id]));
  const policy = await vault.db.read((all) => all.tenants.policy(tenant), { signal: AbortSignal.timeout(60_000) });
  const cast = {
    reviewer: reviewer.id,
    supervisor: supervisor.id,
    service: uploader.id,
    keys,
    policy: policy?.id ?? '',
  };
  const fatal = (error: unknown): void => {
    throw error;
  };
  // Without the world's guards: these events have no rows behind them, and no sealed details.
  const identity = { origin: vault.settings.origin, node: 'drill' };
  const db = await openSqlite(join(folder, 'vault.db'), { clock: vault.clock, identity, fatal });
  await writeCalls(db, tenant, cast, vault.clock.now(), events);
  await db.close();
}

/** Counts how long the page's own thread was busy at a time. */
async function watchAnswers(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = globalThis as { slowest?: number };
    let last = performance.now();
    setInterval(() => {
      seen.slowest = Math.max(seen.slowest ?? 0, performance.now() - last - 20);
      last = performance.now();
    }, 20);
  });
}

/** Asks the worker that checks the log for its JavaScript heap, in MiB; null before it starts and once it has ended. */
async function heapOfWorkers(browser: Browser): Promise<() => Promise<number | null>> {
  const client = await browser.newBrowserCDPSession();
  let answer: ((bytes: number | null) => void) | null = null;
  client.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { result } = JSON.parse(message) as { result?: { usedSize?: number } };
    answer?.(result?.usedSize ?? null);
  });
  let session: string | null = null;
  return async () => {
    try {
      if (session === null) {
        const { targetInfos } = await client.send('Target.getTargets');
        const worker = targetInfos.find(({ url }) => url.includes('check-worker'));
        if (worker === undefined) return null;
        const { targetId } = worker;
        ({ sessionId: session } = await client.send('Target.attachToTarget', { targetId, flatten: false }));
      }
      const answered = new Promise<number | null>((resolve) => {
        answer = resolve;
        setTimeout(() => resolve(null), 1_000);
      });
      const message = JSON.stringify({ id: 1, method: 'Runtime.getHeapUsage' });
      await client.send('Target.sendMessageToTarget', { sessionId: session, message });
      const bytes = await answered;
      return bytes === null ? null : Math.round(bytes / 1_048_576);
    } catch {
      return null;
    }
  };
}

type Cost = { readonly mib: number; readonly cpu: number };

/** The page's process: the most memory that it had so far, in MiB, and its processor time in seconds; 0 where unknown. */
function costOfPage(before: Cost): Cost {
  const costs = [...descendants(process.pid)].flatMap((id) => {
    try {
      if (!readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('--type=renderer')) return [];
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1];
      const [user, system] = readFileSync(`/proc/${id}/stat`, 'utf8').replace(/^.*\)/, '').split(' ').slice(12, 14);
      // A tick is 10 ms.
      return [{ mib: Math.round(Number(peak ?? 0) / 1024), cpu: (Number(user) + Number(system)) / 100 }];
    } catch {
      // It ended meanwhile, or this is no Linux.
      return [];
    }
  });
  return costs.reduce((most, one) => (one.cpu > most.cpu ? one : most), before);
}

/** The processes below one. */
function descendants(id: number): ReadonlySet<string> {
  try {
    const pairs = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
    const parents = new Map(pairs.map((line) => line.trim().split(/\s+/) as [string, string]));
    const isBelow = (one: string): boolean => {
      for (let at = parents.get(one); at !== undefined; at = parents.get(at)) if (at === String(id)) return true;
      return false;
    };
    return new Set([...parents.keys()].filter(isBelow));
  } catch {
    return new Set();
  }
}
