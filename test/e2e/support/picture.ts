// Picture of the page as it is. Playwright's screenshot would write a style into it, which the content security policy
// rejects.
import { writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';

/** Writes a picture of the page to a PNG file. */
export async function takePicture(page: Page, path: string): Promise<void> {
  const client = await page.context().newCDPSession(page);
  const { data } = await client.send('Page.captureScreenshot', { format: 'png' });
  await client.detach();
  await writeFile(path, Buffer.from(data, 'base64'));
}
