// The proxy files of the documentation, each in a real proxy with TLS: upload, sign-in, listening, revocation.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DOCUMENTED_PROXIES, type RunningProxy, startDocumentedProxy } from '../support/documented-proxies.ts';
import { type FirstDeployment, firstDeployment, listenToCall, openSignInLink } from '../support/first-deployment.ts';
import { needs } from '../support/needs.ts';
import { freePort } from '../support/servers/process.ts';
import { until } from '../support/until.ts';

const curl = needs('curl');
const TOP = mkdtempSync(join(tmpdir(), 'callvault-proxy-'));
afterAll(() => rmSync(TOP, { recursive: true, force: true }));

describe.each(DOCUMENTED_PROXIES)('$name with the page’s file', (documented) => {
  const { name, present, reason } = documented;
  it.skipIf(!present || !curl.present)(
    `passes on uploads, sign-in and listening, and ends a reply that was revoked ${reason}`,
    async () => {
      const port = await freePort();
      const base = `https://localhost:${port}`;
      let [first, proxy]: [FirstDeployment | undefined, RunningProxy | undefined] = [undefined, undefined];
      try {
        first = await firstDeployment(base);
        const running = startDocumentedProxy(documented, join(TOP, name), port, first.port);
        proxy = running;
        const { shell, block, printed } = first;
        const trusted = `curl --cacert '${running.ca}'`;
        const health = async () => (await shell(`${trusted} -fsS ${base}/healthz`)).code === 0;
        await until('the proxy answers', async () => running.hasEnded() || (await health()), { everyMs: 200 });
        const upload = block('upload')
          .replace('curl', trusted)
          .replace(/http:\/\/localhost:\d+/, base);
        expect(await shell(upload)).toMatchObject({ code: 0, err: '' });
        const [reviewer, approver] = [
          await openSignInLink(printed, 'Rea', base, running.cert),
          await openSignInLink(printed, 'Sue', base, running.cert),
        ];
        const { media, grant } = await listenToCall(reviewer, approver);
        expect((await approver.call('POST', `/v1/grants/${grant}/revoke`)).status).toBe(200);
        expect((await reviewer.call('GET', media)).status).toBe(403);
        // The vault counts limits by the client's address, which only a trusted proxy can report.
        const log = await shell(
          'node scripts/callvault.js doctor --env-file callvault-data/callvault.env | grep -c "✗" || true',
        );
        expect(log.out.trim()).toBe('0');
      } finally {
        await proxy?.end();
        await first?.end();
      }
    },
  );
});
