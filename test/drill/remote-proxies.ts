// Throttling proxies with a shared quota, started in another process.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Program, programBeside } from '../../scripts/program.ts';
import type { ProxyCounts } from './throttling-proxy.ts';

/** A proxy: its address, and its counts since the last reset. */
export type RemoteProxy = {
  readonly url: string;
  readonly counts: () => Promise<ProxyCounts>;
  readonly forget: () => Promise<void>;
};

export type RemoteProxies = { readonly proxies: readonly RemoteProxy[]; readonly close: () => Promise<void> };

/** Starts a number of proxies. */
export async function startRemoteProxies(
  url: string,
  perSecond: number,
  many: number,
  { file, execArgv }: Program = programBeside(import.meta.url, 'run-proxies'),
): Promise<RemoteProxies> {
  const child = fork(file, [url, String(perSecond), String(many)], { execArgv: [...execArgv] });
  const ended = once(child, 'exit');
  const [urls] = (await Promise.race([once(child, 'message'), ended])) as [string[]];
  let last: Promise<unknown> = Promise.resolve();
  // Calls are sequential, because a reply does not name its call.
  const ask = (question: object): Promise<ProxyCounts> => {
    const answered = last.then(async () => {
      const answer = once(child, 'message');
      child.send(question);
      return ((await answer) as [ProxyCounts])[0];
    });
    last = answered.catch(() => undefined);
    return answered;
  };
  return {
    proxies: urls.map((address, door) => ({
      url: address,
      counts: () => ask({ door, forget: false }),
      forget: async () => {
        await ask({ door, forget: true });
      },
    })),
    close: async () => {
      child.disconnect();
      await ended;
    },
  };
}
