// The address that a request comes from: the peer's, or what trusted proxies report of it in X-Forwarded-For.
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.process>;
type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** The address of a request from its peer and its X-Forwarded-For; empty where the peer is gone already. */
export type AddressResolver = (peer: string | undefined, forwarded: string | undefined) => string;

/**
 * Looks behind the proxies of `trusted` (addresses and CIDR ranges): X-Forwarded-For is read from its right end, and the
 * first address that is no trusted proxy's counts. What stands left of it, and the whole header where the peer is no
 * trusted proxy, is what the client says of itself.
 */
export function createAddressResolver(trusted: readonly string[]): AddressResolver {
  const ranges = trusted.map(parseCidr);
  const isTrusted = (address: Address): boolean =>
    ranges.some(([network, bits]) => network.kind() === address.kind() && address.match([network, bits]));
  return (peer = '', forwarded = '') => {
    const first = parseAddress(peer);
    if (first === null) return '';
    let found: Address = first;
    for (const hop of forwarded.split(',').reverse()) {
      const before: Address | null = isTrusted(found) ? parseAddress(withoutPort(hop.trim())) : null;
      if (before === null) break;
      found = before;
    }
    return found.toString();
  };
}

/** What requests of an address are counted under: a network of IPv6 gives each of its hosts 2⁶⁴ addresses. */
export function rateLimitKey(address: string): string {
  const known = parseAddress(address);
  if (known === null || known.kind() === 'ipv4') return address;
  return `${known.toByteArray().slice(0, 8).join('.')}/64`;
}

function parseCidr(text: string): Range {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128] as Range;
}

/** Null for what is no address: `unknown`, a name, a number that an old resolver would take. */
function parseAddress(text: string): Address | null {
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return isAddress ? ipaddr.process(text) : null;
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  return /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}
