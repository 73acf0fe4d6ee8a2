// A browser without a window: it stores cookies and sends the headers that name its page.

export type Browser<Sent> = {
  readonly call: (method: string, path: string, sent?: Sent) => Promise<Response>;
  /** Cookies by name, with the path that each is sent to. */
  readonly cookies: Map<string, { readonly value: string; readonly path: string }>;
};

type WithHeaders = { readonly headers?: Readonly<Record<string, string>> };

/** A browser without cookies, on a page of the vault that `call` reaches. */
export function browserOver<Sent extends WithHeaders>(
  send: (method: string, path: string, sent: Sent) => Promise<Response>,
): Browser<Sent> {
  const cookies: Browser<Sent>['cookies'] = new Map();
  const call = async (method: string, path: string, sent?: Sent): Promise<Response> => {
    const [bare = ''] = path.split('?');
    const sentTo = ({ path: at }: { readonly path: string }): boolean =>
      at === '/' || bare === at || bare.startsWith(`${at}/`);
    const cookie = [...cookies]
      .filter(([, kept]) => sentTo(kept))
      .map(([name, { value }]) => `${name.split(' ')[0]}=${value}`)
      .join('; ');
    const own = { 'sec-fetch-site': 'same-origin', ...(cookie === '' ? {} : { cookie }) };
    const reply = await send(method, path, { ...(sent as Sent), headers: { ...own, ...sent?.headers } });
    for (const header of reply.headers.getSetCookie()) {
      const [pair = '', ...attributes] = header.split('; ');
      const [name = '', value = ''] = pair.split('=');
      const at = attributes.find((one) => one.startsWith('Path='))?.slice(5) ?? '/';
      const key = at === '/' ? name : `${name} ${at}`;
      if (attributes.includes('Max-Age=0')) cookies.delete(key);
      else cookies.set(key, { value, path: at });
    }
    return reply;
  };
  return { call, cookies };
}
