// Why no answer came from a vault, in plain words with what to do.

/** Reasons by the codes of Node, OpenSSL and the system. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at this address and port; check url, and that the vault or its proxy runs',
  ENOTFOUND: 'the host name is not known; check url and DNS',
  EAI_AGAIN: 'the host name cannot be looked up now; check DNS',
  ETIMEDOUT: 'the connection timed out; check url, routes and firewalls',
  EHOSTUNREACH: 'the host cannot be reached; check routes and firewalls',
  ENETUNREACH: 'the network cannot be reached; check routes and firewalls',
  ECONNRESET: 'the connection was cut; check the proxy and firewalls between',
  EPROTO: 'what listens there does not speak TLS; check the port and https in url',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what listens there does not speak TLS; check the port and https in url',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name; use the name in the certificate as url',
  CERT_HAS_EXPIRED: 'its certificate has expired; renew it, or set the clock of this machine',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; set the clock of this machine',
};

/** Codes of a chain that ends at no authority that is trusted here. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_UNTRUSTED', 'CERT_SIGNATURE_FAILURE'],
]);

/** The reason for a failed connection. Its text has neither the address nor the message of the system. */
export function whyNoAnswer(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (typeof code !== 'string' || !/^[A-Z][A-Z_]{1,60}$/.test(code))
    return 'the connection ended, or was silent for too long';
  if (UNTRUSTED.has(code))
    return 'its certificate is not signed by an authority that this machine trusts; name the file of that authority as ca';
  return REASONS[code] ?? `the connection failed (${code})`;
}
