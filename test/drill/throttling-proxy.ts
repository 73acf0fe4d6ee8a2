// Proxy with a request quota before a key service, which answers like KMS when throttled.
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Quota of calls per second; one second's worth can be saved up. */
export type CallQuota = { readonly take: () => boolean };

export function quotaOf(perSecond: number, now = () => performance.now()): CallQuota {
  let [left, at] = [perSecond, now()];
  return {
    take: () => {
      left = Math.min(perSecond, left + ((now() - at) * perSecond) / 1000);
      at = now();
      if (left < 1) return false;
      left--;
      return true;
    },
  };
}

/** Calls that arrived at a proxy. */
export type ProxyCounts = { readonly calls: number; readonly throttled: number };

/** A proxy. */
export type ThrottlingProxy = {
  readonly url: string;
  readonly counts: () => ProxyCounts;
  /** Resets the counts. */
  readonly resetCounts: () => void;
};

/** Starts a proxy for the key service at `url`. All proxies of a quota share it. */
export async function startThrottlingProxy(url: string, quota: CallQuota): Promise<ThrottlingProxy> {
  let counted = { calls: 0, throttled: 0 };
  const server = createServer((request, response) => {
    counted.calls++;
    if (quota.take()) return forward(url, request, response);
    counted.throttled++;
    request.resume();
    request.once('end', () => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end('{"__type":"ThrottlingException","message":"Rate exceeded"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => ({ ...counted }),
    resetCounts: () => {
      counted = { calls: 0, throttled: 0 };
    },
  };
}

function forward(url: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const onward = send(new URL(request.url ?? '/', url), { method: method ?? 'POST', headers }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}
