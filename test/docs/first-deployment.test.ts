// The page of the first deployment: its blocks run unchanged, until the reviewer listens to a call.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FirstDeployment, firstDeployment, listenToCall, openSignInLink } from '../support/first-deployment.ts';
import { needs } from '../support/needs.ts';

const curl = needs('curl');

describe.skipIf(!curl.present)(`the page of the first deployment ${curl.reason}`, () => {
  let first: FirstDeployment;
  beforeAll(async () => {
    first = await firstDeployment();
  });
  afterAll(() => first?.end());

  it('ends with a call that the reviewer plays, after both people have opened their links', async () => {
    const { block, shell, printed, port } = first;
    expect(block('setup')).toMatch(/^npm ci && npm run build\n/);
    const uploaded = await shell(block('upload'));
    expect(uploaded).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(uploaded.out)).toMatchObject({ recording: expect.stringMatching(/^rec_/) });
    const base = `http://localhost:${port}`;
    expect(printed).toContain(`${base}/sign-in#`);
    const [reviewer, approver] = [
      await openSignInLink(printed, 'Rea', base),
      await openSignInLink(printed, 'Sue', base),
    ];
    const { media, grant } = await listenToCall(reviewer, approver);
    expect((await approver.call('POST', `/v1/grants/${grant}/revoke`)).status).toBe(200);
    expect((await reviewer.call('GET', media)).status).toBe(403);
  });

  it('prints commands that work: the upload, and a new link', async () => {
    const { shell, printed, port } = first;
    const line = (pattern: RegExp): string => pattern.exec(printed)?.[1] ?? '';
    const upload = line(/^ {3}(curl .*)$/m).replace('CALL.wav', 'scripts/samples/harbour-2-payment-check.wav');
    expect(upload).toContain(`http://localhost:${port}/`);
    expect(await shell(upload.replace('CALL-ID', 'a-second-call'))).toMatchObject({ code: 0, err: '' });
    const again = line(/A new link: (.*)$/m).replace('usr_…', line(/approver +Sue +(usr_\w+)/));
    const linked = await shell(again);
    expect(linked).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(linked.out).link).toMatch(/\/sign-in#cvl_/);
  });
});
