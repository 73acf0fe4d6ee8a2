// Client address of a request: the peer's, or the one that trusted proxies report in X-Forwarded-For.
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.process>;
type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** The client address for a peer and its X-Forwarded-For; empty where the peer has disconnected. */
export type AddressResolver = (peer: string | undefined, forwarded: string | undefined) => string;

/**
 * Resolves addresses behind the proxies of `trusted` (addresses and CIDR ranges). It reads X-Forwarded-For from the right
 * and returns the first address that is not a trusted proxy's. The client controls everything left of that, and the
 * whole header where the peer is not a trusted proxy.
 */
export function createAddressResolver(trusted: readonly string[]): AddressResolver {
  const ranges = trusted.map(parseCidr);
  const isTrusted = (address: Address): boolean =>
    ranges.some(([network, bits]) => network.kind() === address.kind() && address.match([network, bits]));
  return remember((peer = '', forwarded = '') => {
    const first = parseAddress(peer);
    if (first === null) return '';
    let found: Address = first;
    for (const hop of forwarded.split(',').reverse()) {
      const before: Address | null = isTrusted(found) ? parseAddress(withoutPort(hop.trim())) : null;
      if (before === null) break;
      found = before;
    }
    return found.toString();
  });
}

/** The key that limits count an address under: an IPv6 network gives each host 2⁶⁴ addresses. */
export const rateLimitKey: (address: string) => string = remember((address: string) => {
  const known = parseAddress(address);
  if (known === null || known.kind() === 'ipv4') return address;
  return `${known.toByteArray().slice(0, 8).join('.')}/64`;
});

const MOST_REMEMBERED = 1_000;
const LONGEST_REMEMBERED = 100;

/** The same function with its last results in memory: most requests come from a few addresses. */
function remember<Texts extends (string | undefined)[]>(
  compute: (...texts: Texts) => string,
): (...texts: Texts) => string {
  const results = new Map<string, string>();
  return (...texts) => {
    // No header contains a line feed.
    const key = texts.join('\n');
    const known = results.get(key);
    if (known !== undefined) return known;
    const result = compute(...texts);
    if (results.size >= MOST_REMEMBERED) results.clear();
    if (key.length <= LONGEST_REMEMBERED) results.set(key, result);
    return result;
  };
}

function parseCidr(text: string): Range {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128] as Range;
}

/** Null for a text that is not an address: `unknown`, a name, a number that an old resolver would accept. */
function parseAddress(text: string): Address | null {
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return isAddress ? ipaddr.process(text) : null;
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}
