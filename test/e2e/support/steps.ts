// Steps of a person in the console, by the texts of the pages.
import type { CDPSession, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Look, Person, Stage } from './stage.ts';

/** A virtual authenticator of a page. */
export type Authenticator = {
  /** Whether its owner confirms what it is asked. */
  readonly verifies: (yes: boolean) => Promise<unknown>;
  /** Takes it out; the result puts one with the same passkeys in again. */
  readonly putAside: () => Promise<() => Promise<Authenticator>>;
  /** Adds a security key to the page, without a passkey. */
  readonly securityKey: () => Promise<Authenticator>;
};

/** Adds an authenticator without a passkey to the page, which confirms everything. */
export async function addAuthenticator(page: Page): Promise<Authenticator> {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  return authenticatorIn(client, 'internal');
}

type Fill = (at: { readonly authenticatorId: string }) => Promise<void>;

async function authenticatorIn(
  client: CDPSession,
  transport: 'internal' | 'usb',
  fill: Fill = async () => undefined,
): Promise<Authenticator> {
  const at = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await fill(at);
  return {
    verifies: (isUserVerified) => client.send('WebAuthn.setUserVerified', { ...at, isUserVerified }),
    putAside: async () => {
      const { credentials } = await client.send('WebAuthn.getCredentials', at);
      await client.send('WebAuthn.removeVirtualAuthenticator', at);
      return () =>
        authenticatorIn(client, transport, async (again) => {
          for (const credential of credentials) await client.send('WebAuthn.addCredential', { ...again, credential });
        });
    },
    securityKey: () => authenticatorIn(client, 'usb'),
  };
}

/** Media element of the page, captured by an init script because it is not attached to the document. */
export type MediaState = {
  readonly src: string;
  readonly time: number;
  readonly paused: boolean;
  readonly ready: number;
};

/**
 * Captures every media element that the page creates, and counts the first sound of each. Call this before the page
 * loads.
 */
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

/** Current state of the media element; null before the page has created one. */
export function mediaState({ page }: Person): Promise<MediaState | null> {
  return page.evaluate(() => {
    const { kept } = window as { kept?: HTMLAudioElement };
    if (kept === undefined) return null;
    const { currentSrc, currentTime, paused, readyState } = kept;
    return { src: kept.hasAttribute('src') ? currentSrc : '', time: currentTime, paused, ready: readyState };
  });
}

/** Waits until playback has reached a time in seconds, or the end: a slow machine may first look after that. */
export async function untilPlayed(person: Person, seconds: number): Promise<void> {
  const played = person.page.waitForFunction((least) => {
    const { kept } = window as { kept?: HTMLAudioElement };
    return kept !== undefined && (!kept.paused || kept.ended) && kept.currentTime >= least;
  }, seconds);
  await played.catch(async (cause: unknown) => {
    const shown = await person.page.getByRole('main').textContent();
    const state = JSON.stringify(await mediaState(person));
    throw new Error(`not played at ${new URL(person.page.url()).pathname}: ${state}\n${shown}`, { cause });
  });
}

/** The reviewer of Harbour Bank at the page of a recording, with a grant and after a click on "Listen". */
export async function listenTo({ world, signIn }: Stage, recording: string, look: Look = {}): Promise<Person> {
  const { harbour } = world;
  await world.grant(harbour, recording);
  const person = await signIn(harbour.tenant, harbour.reviewer, look);
  await person.page.goto(`/recordings/${recording}`);
  await person.page.getByRole('button', { name: /^(Listen|收听)$/ }).click();
  return person;
}

/** Pauses the playback that a click on "Listen" started, for tests about something else. */
export async function stopPlaying({ page }: Pick<Person, 'page'>): Promise<void> {
  await page.getByRole('button', { name: /^(Pause|暂停)$/ }).click();
  await page.getByRole('button', { name: /^(Play|播放)$/ }).waitFor();
}

/** Adds an authenticator to the person's browser and a passkey with it. */
export async function addPasskey({ page }: Person, name = 'Work laptop'): Promise<void> {
  await addAuthenticator(page);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
  await dialog.getByLabel('Name of the passkey').fill(name);
  await dialog.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText(name, { exact: true }).waitFor();
}

/** Opens another page by its name in the navigation, and waits for its heading: the one before is shown until then. */
export async function goTo(page: Page, name: string | RegExp): Promise<void> {
  const before = await page.locator('h1').first().elementHandle();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
  await expect.poll(() => before?.evaluate((heading) => heading.isConnected)).not.toBe(true);
  await page.locator('h1').first().waitFor({ state: 'attached' });
}

/** Waits until the page has a heading and no part of it is loading. */
export async function untilLoaded({ page }: Pick<Person, 'page'>): Promise<void> {
  await page.locator('h1').first().waitFor({ state: 'attached' });
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"], .skeleton') === null);
}

/** Traces in a page and its origin: texts of the document, its address, its storage; names of caches and databases. */
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
