// What people do in the console, by what they read on it.
import type { Page } from 'playwright-core';
import type { Person } from './stage.ts';

/** Gives the page an authenticator that has no passkey yet and says yes to everything. */
export async function addAuthenticator(page: Page): Promise<void> {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** The media element of the page, kept by an init script: it stands in no document. */
export type MediaState = {
  readonly src: string;
  readonly time: number;
  readonly paused: boolean;
  readonly ready: number;
};

/** Keeps every media element that the page makes, and counts the first sound of each. To be called before the page loads. */
export async function trackMedia({ page }: Person): Promise<void> {
  await page.addInitScript(() => {
    const Plain = window.Audio;
    window.Audio = new Proxy(Plain, {
      construct: (target, args) => {
        const media = Reflect.construct(target, args) as HTMLAudioElement;
        Object.assign(window, { kept: media });
        media.addEventListener('timeupdate', () => {
          if (media.currentTime > 0 && !media.paused) performance.mark('sound');
        });
        return media;
      },
    });
  });
}

/** The media element as it is now; null where the page has made none. */
export function mediaState({ page }: Person): Promise<MediaState | null> {
  return page.evaluate(() => {
    const { kept } = window as { kept?: HTMLAudioElement };
    if (kept === undefined) return null;
    const { currentSrc, currentTime, paused, readyState } = kept;
    return { src: kept.hasAttribute('src') ? currentSrc : '', time: currentTime, paused, ready: readyState };
  });
}

/** Waits until the sound has moved on to a time, in seconds. */
export async function untilPlayed({ page }: Person, seconds: number): Promise<void> {
  await page.waitForFunction((least) => {
    const { kept } = window as { kept?: HTMLAudioElement };
    return kept !== undefined && !kept.paused && kept.currentTime >= least;
  }, seconds);
}

/** Stops what a click on "Listen" has begun to play, for what is not about that. */
export async function stopPlaying({ page }: Pick<Person, 'page'>): Promise<void> {
  await page.getByRole('button', { name: /^(Pause|暂停)$/ }).click();
  await page.getByRole('button', { name: /^(Play|播放)$/ }).waitFor();
}

/** Gives the person's browser an authenticator and adds a passkey with it. */
export async function addPasskey({ page }: Person, name = 'Work laptop'): Promise<void> {
  await addAuthenticator(page);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
  await dialog.getByLabel('Name of the passkey').fill(name);
  await dialog.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText(name, { exact: true }).waitFor();
}

/** Goes to a page by its name in the navigation. */
export async function goTo(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
}

/** Waits until the page has a heading and nothing of it is still being loaded. */
export async function untilLoaded({ page }: Pick<Person, 'page'>): Promise<void> {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"], .skeleton') === null);
}

/** What a page and its origin still have: texts of the document, its address, its storage; names of caches and databases. */
export function leftoversOf({ page }: Pick<Person, 'page'>): Promise<{
  readonly texts: readonly string[];
  readonly caches: readonly string[];
  readonly databases: readonly string[];
}> {
  return page.evaluate(async () => ({
    texts: [
      document.documentElement.outerHTML,
      location.href,
      JSON.stringify(history.state),
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      document.cookie,
    ],
    caches: await caches.keys(),
    databases: (await indexedDB.databases()).map(({ name }) => name ?? ''),
  }));
}
