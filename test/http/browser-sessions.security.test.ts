// Attacks on listening sessions of browsers: other cookies, other browsers, keys, and ended sign-ins.
import { describe, expect, it } from 'vitest';
import { type Browser, signInBrowser } from '../support/browser.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();

const bodyOf = async <T>(reply: Response): Promise<T> => (await reply.json()) as T;

/** A new person with a browser signed in by link. */
async function someone(roles: readonly string[] = ['reviewer'], cast = world.harbour) {
  const { id } = await world.person(cast.tenant, roles);
  return { id, browser: await signInBrowser(world, cast.tenant, id) };
}

describe('a listening session', () => {
  async function listening(browser: Browser, call: string) {
    const { recording } = await bodyOf<{ recording: string }>(await world.ingest(world.harbour, call, wav(2000)));
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const { id } = await bodyOf<{ id: string }>(await browser.call('POST', '/v1/access-requests', { json }));
    const approved = await world.call('POST', `/v1/access-requests/${id}/approve`, {
      key: world.harbour.supervisor.key,
    });
    const { grant } = await bodyOf<{ grant: { id: string } }>(approved);
    const opened = await browser.call('POST', `/v1/grants/${grant.id}/sessions`);
    return { session: (await bodyOf<{ id: string }>(opened)).id, grant: grant.id };
  }

  it('works with its own cookie only, not without it or with another session’s', async () => {
    const { browser } = await someone();
    const [one, two] = [await listening(browser, 'own-1'), await listening(browser, 'own-2')];
    expect((await browser.call('GET', `/v1/sessions/${one.session}/media`)).status).toBe(200);
    const cookieOf = (session: string) =>
      browser.cookies.get(`__Secure-callvault-session /v1/sessions/${session}`)?.value;
    const signIn = browser.cookies.get('__Host-callvault')?.value;
    for (const more of [
      '',
      `; __Secure-callvault-session=${cookieOf(two.session)}`,
      '; __Secure-callvault-session=x',
    ]) {
      const headers = { cookie: `__Host-callvault=${signIn}${more}`, 'sec-fetch-site': 'same-origin' };
      const reply = await world.call('GET', `/v1/sessions/${one.session}/media`, { headers });
      await expectProblem(reply, 404, 'not_found');
    }
    const alone = { cookie: `__Secure-callvault-session=${cookieOf(one.session)}` };
    await expectProblem(
      await world.call('GET', `/v1/sessions/${one.session}/media`, { headers: alone }),
      401,
      'unauthenticated',
    );
  });

  it('works in the browser that opened it, not in another one of the person nor with their key', async () => {
    const { id, browser } = await someone();
    const { session, grant } = await listening(browser, 'second');
    const second = await signInBrowser(world, world.harbour.tenant, id);
    await expectProblem(await second.call('GET', `/v1/sessions/${session}/media`), 404, 'not_found');
    const stolen = browser.cookies.get(`__Secure-callvault-session /v1/sessions/${session}`);
    second.cookies.set(`__Secure-callvault-session /v1/sessions/${session}`, stolen ?? { value: '', path: '/' });
    await expectProblem(await second.call('GET', `/v1/sessions/${session}/media`), 404, 'not_found');
    const { secret } = await world.keyOf(world.harbour.tenant, id);
    const reply = await world.call('GET', `/v1/sessions/${session}/media`, { key: secret });
    const { checks } = await expectProblem(reply, 403, 'session_ended');
    expect(checks).toContainEqual({ check: 'same-browser', ok: false, code: 'another_browser' });
    // Nor does a program's session work in a browser.
    const opened = await world.call('POST', `/v1/grants/${grant}/sessions`, { key: secret });
    const { id: own } = await bodyOf<{ id: string }>(opened);
    await expectProblem(await browser.call('GET', `/v1/sessions/${own}/media`), 404, 'not_found');
  });

  it('ends with the sign-in, wherever that ends', async () => {
    const { id, browser } = await someone();
    const { session } = await listening(browser, 'ends');
    await world.turnOff(world.harbour.tenant, id);
    const row = world.sql.prepare('select state, reason from session where id = ?').get(session);
    expect(row).toEqual({ state: 'ENDED', reason: 'signed-out' });
    expect(world.vault.sessionKeys.sessions()).not.toContain(session);
  });
});
