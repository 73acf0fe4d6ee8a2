// Rejected uploads through the proxy files of the documentation: the client gets the vault's own reply, never a 502.
import { expect, it } from 'vitest';
import { drillProxies, type Rejected } from '../drill/proxies.ts';
import { DOCUMENTED_PROXIES } from '../support/documented-proxies.ts';
import { needs } from '../support/needs.ts';

const curl = needs('curl');
const absent = DOCUMENTED_PROXIES.filter(({ present }) => !present);
const reasons = absent.map(({ reason }) => reason).join('; ');

it.skipIf(!curl.present || absent.length > 0)(
  `a rejected upload of any size reaches the client as itself ${reasons}`,
  async () => {
    const rejected: (Rejected & { readonly proxy: string })[] = [];
    await drillProxies(
      // Behind nginx, every second one was a 502 before.
      (size) => (size === '230 MB' ? 1 : 4),
      (proxy, one) => void rejected.push({ proxy, ...one }),
    );
    expect(rejected.map(({ proxy }) => proxy)).toEqual(expect.arrayContaining(['Caddyfile', 'nginx.conf']));
    expect(rejected.filter(({ others }) => others.length > 0)).toEqual([]);
  },
);
