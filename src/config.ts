// The configuration: environment to a frozen object, every problem reported at once. The only reader of process.env.
import { z } from 'zod';
import { VaultError } from './errors.ts';

const port = z.coerce.number().int().min(0).max(65_535);
type Address = { readonly host: string; readonly port: number };

function address(text: string, context: z.RefinementCtx): Address {
  const at = text.lastIndexOf(':');
  const parsed = port.safeParse(text.slice(at + 1));
  if (at < 1 || !parsed.success) {
    context.addIssue({ code: 'custom', message: 'must be host:port' });
    return z.NEVER;
  }
  return { host: text.slice(0, at), port: parsed.data };
}

const listen = z.string().transform(address);
const listenOrOff = z.string().transform((text, context) => (text === 'off' ? null : address(text, context)));

function located(scheme: string) {
  return z
    .string()
    .regex(new RegExp(`^${scheme}:.`), `must be ${scheme}:PATH (others come later)`)
    .transform((text) => text.slice(scheme.length + 1));
}

const schema = z.object({
  CALLVAULT_ORIGIN: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, 'must name the deployment like a host: vault.example'),
  CALLVAULT_NODE: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z 0-9 -')
    .default('node-1'),
  CALLVAULT_LISTEN: listen.default({ host: '127.0.0.1', port: 8787 }),
  CALLVAULT_METRICS_LISTEN: listenOrOff.default({ host: '127.0.0.1', port: 9464 }),
  CALLVAULT_URL: z
    .string()
    .regex(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/, 'must be like https://vault.example, without a path')
    .optional(),
  CALLVAULT_DATABASE: located('sqlite'),
  CALLVAULT_STORE: located('folder'),
  CALLVAULT_KEYS: located('keyring'),
  CALLVAULT_KEYRING_ROOT: z.string().min(1, 'must name the root key file, outside the data folder'),
  CALLVAULT_LEASE_SECONDS: z.coerce.number().int().min(2).max(3600).default(60),
  CALLVAULT_MAX_BYTES: z.coerce.number().int().min(1).max(83_886_079_999).default(83_886_079_999),
  CALLVAULT_OPERATOR: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be an opaque staff code, never a name')
    .optional(),
});

export type Config = {
  readonly origin: string;
  readonly node: string;
  readonly listen: Address;
  /** Where metrics are read, or null for nowhere. */
  readonly metricsListen: Address | null;
  /** Where browsers find it, or null: scheme, host and port. */
  readonly url: string | null;
  readonly database: string;
  readonly store: string;
  readonly keyring: string;
  readonly keyringRoot: string;
  readonly leaseSeconds: number;
  readonly maxBytes: number;
  readonly operator: string | null;
};

/** The configuration in the environment. Throws `config_invalid` with every problem, by variable. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return { pointer: name, detail: env[name] === undefined ? 'is required' : message };
    });
    const lines = fields.map(({ pointer, detail }) => `  ${pointer} ${detail}`);
    throw new VaultError('config_invalid', `the configuration is not valid:\n${lines.join('\n')}`, { fields });
  }
  const { data } = parsed;
  return Object.freeze({
    origin: data.CALLVAULT_ORIGIN,
    node: data.CALLVAULT_NODE,
    listen: data.CALLVAULT_LISTEN,
    metricsListen: data.CALLVAULT_METRICS_LISTEN,
    url: data.CALLVAULT_URL ?? null,
    database: data.CALLVAULT_DATABASE,
    store: data.CALLVAULT_STORE,
    keyring: data.CALLVAULT_KEYS,
    keyringRoot: data.CALLVAULT_KEYRING_ROOT,
    leaseSeconds: data.CALLVAULT_LEASE_SECONDS,
    maxBytes: data.CALLVAULT_MAX_BYTES,
    operator: data.CALLVAULT_OPERATOR ?? null,
  });
}
