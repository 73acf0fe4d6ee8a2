// A virtual authenticator in a page's browser (WebAuthn's WebDriver extension, by the DevTools protocol).
import type { Page } from 'playwright-core';

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
