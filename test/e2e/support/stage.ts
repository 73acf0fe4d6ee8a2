// Vault with its console on a separate port, its background work, and a Chromium browser.
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { thisPackage } from '../../../src/cli/support/this-package.ts';
import { consoleFiles } from '../../../src/main/static-files.ts';
import { startBackgroundWork } from '../../../src/work.ts';
import { createSignInLink } from '../../support/browser.ts';
import { sharedFixture } from '../../support/fixtures.ts';
import { freePort } from '../../support/servers/process.ts';
import { PATIENCE_MS } from '../../support/until.ts';
import { type KeyHolder, makeWorld, type World } from '../../support/world.ts';

const CHROMIUM = '/usr/bin/chromium';

/** A person's browser: a separate context, so that it has no cookie of another person. */
export type Person = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Violations of the content security policy and uncaught errors that the page reported. */
  readonly complaints: readonly string[];
  /** URLs of all requests that the browser sent. */
  readonly requests: readonly string[];
  /** Secret of the link that signed the person in. */
  readonly link?: string;
};

export type Look = {
  readonly language?: 'en' | 'zh-CN';
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
};

export type Stage = {
  readonly world: World;
  readonly url: string;
  readonly browser: Browser;
  /** Browser without a signed-in person. Call it inside a test, whose end closes it, so that no page stays open. */
  readonly visitor: (look?: Look) => Promise<Person>;
  /** Browser in which this person has opened a link. */
  readonly signIn: (tenant: string, who: Pick<KeyHolder, 'id'>, look?: Look) => Promise<Person>;
  readonly end: () => Promise<void>;
};

type StageOptions = {
  /** When the browser allows sound; by default always. */
  readonly autoplay?: 'user-gesture-required';
  /** Whether logs can be sealed: by the test, which decides when. */
  readonly signed?: boolean;
  /** Whether checkpoints are also kept in an anchor. */
  readonly anchored?: boolean;
  /** Whether the test causes this failure of background work; by default any fails the suite at its end. */
  readonly causes?: (error: unknown) => boolean;
};

/** One stage for all tests. The global setup must have built the console. */
export function sharedStage(options: StageOptions = {}): Stage {
  return sharedFixture(
    () => openStage(options),
    (stage) => stage.end(),
  );
}

async function openStage({ autoplay, signed = false, anchored = false, causes }: StageOptions): Promise<Stage> {
  const files = await consoleFiles(thisPackage().folder);
  if (files === null) throw new Error('the console is not built: npm run console:build');
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const world = await makeWorld({ url, console: files, paced: true, signed, anchored, sealSeconds: 86_400 });
  const failed: unknown[] = [];
  const stopWork = startBackgroundWork(world.vault, (_, error) => {
    if (causes?.(error) !== true) failed.push(error);
  });
  await world.listen(port);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', `--autoplay-policy=${autoplay ?? 'no-user-gesture-required'}`],
  });

  const visitor = async (look: Look = {}): Promise<Person> => {
    const { language = 'en', theme = 'light', width = 1440, height = 900 } = look;
    const context = await browser.newContext({
      baseURL: url,
      locale: language === 'en' ? 'en-GB' : 'zh-CN',
      colorScheme: theme,
      viewport: { width, height },
      deviceScaleFactor: 1,
    });
    onTestFinished(() => context.close());
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const [complaints, requests]: string[][] = [[], []];
    page.on('pageerror', (error) => complaints?.push(`error: ${error.message}`));
    page.on('console', (message) => {
      // A 4xx response is not an error of the page: the page requested it.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
        complaints?.push(message.text());
    });
    page.on('request', (request) => requests?.push(`${request.method()} ${request.url()}`));
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    return { page, context, complaints: complaints ?? [], requests: requests ?? [] };
  };

  return {
    world,
    url,
    browser,
    visitor,
    signIn: async (tenant, who, look) => {
      const person = await visitor(look);
      const link = await createSignInLink(world, tenant, who.id);
      await person.page.goto(`/sign-in#${link}`);
      await person.page.waitForURL((at) => at.pathname !== '/sign-in');
      return { ...person, link };
    },
    end: async () => {
      const open = browser.contexts().flatMap((context) => context.pages().map((page) => page.url()));
      await browser.close();
      await stopWork();
      await world.end();
      if (failed.length > 0) throw failed[0];
      if (open.length > 0) throw new Error(`pages that are still open: ${open.join(', ')}`);
    },
  };
}
