// The configuration: environment to a frozen object, with every problem reported at once. The only reader of process.env.
import { z } from 'zod';
import { CONNECTIONS, database } from './config/database.ts';
import { days, signers } from './config/forms.ts';
import {
  endpoint,
  KEY_SECRETS,
  KEY_SERVICE_VARIABLES,
  type KeySettings,
  keysOf,
  keyVariables,
  missingForKeys,
  needsRegion,
} from './config/keys.ts';
import { type UnknownVariable, unknownVariables } from './config/unknown-variables.ts';
import { type FieldError, VaultError } from './errors.ts';

/** What a process does: `ingest` opens no object, `listen` writes none, `work` recovers and cleans up. */
export type ProcessRole = 'all' | 'ingest' | 'listen' | 'console' | 'work';

const ROLES = ['all', 'ingest', 'listen', 'console', 'work'] as const;

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

const store = z.string().transform((text, context) => {
  if (/^folder:./.test(text)) return { engine: 'folder', path: text.slice('folder:'.length) } as const;
  const s3 = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9/_.-]*?))?\/?$/.exec(text);
  if (s3 !== null) return { engine: 's3', bucket: s3[1] ?? '', prefix: s3[2] ?? '' } as const;
  context.addIssue({ code: 'custom', message: 'must be folder:PATH or s3://BUCKET/PREFIX' });
  return z.NEVER;
});

const proxies = z.string().transform((text, context) => {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.every((entry) => network.safeParse(entry).success)) return entries;
  context.addIssue({ code: 'custom', message: 'must be addresses or CIDR ranges with commas between them' });
  return z.NEVER;
});
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** Where services are: what `init` takes over from its environment, and writes down. */
export const SERVICE_VARIABLES = ['AWS_REGION', 'CALLVAULT_S3_ENDPOINT', 'CALLVAULT_S3_ETAG', ...KEY_SERVICE_VARIABLES];

/** The variables that commands without a database need too. */
const storeAndKeys = {
  CALLVAULT_STORE: store,
  ...keyVariables,
  CALLVAULT_S3_ENDPOINT: endpoint.optional(),
  CALLVAULT_S3_ETAG: z.enum(['quoted', 'bare'], { error: 'must be quoted or bare' }).default('quoted'),
  AWS_REGION: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region, like eu-central-1 or cn-north-1')
    .optional(),
};

const schema = z.object({
  CALLVAULT_ORIGIN: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, 'must name the deployment like a host: vault.example'),
  CALLVAULT_URL: z
    .string()
    .regex(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/, 'must be like https://vault.example, without a path')
    .optional(),
  CALLVAULT_NODE: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z 0-9 -')
    .default('node-1'),
  CALLVAULT_ROLE: z.enum(ROLES, { error: `must be ${ROLES.join(', ')}` }).default('all'),
  CALLVAULT_LISTEN: listen.default({ host: '127.0.0.1', port: 8787 }),
  CALLVAULT_METRICS_LISTEN: listenOrOff.default({ host: '127.0.0.1', port: 9464 }),
  CALLVAULT_TRUSTED_PROXIES: proxies.optional(),
  CALLVAULT_DATABASE: database,
  CALLVAULT_DATABASE_CONNECTIONS: z.coerce.number().int().min(1).max(200).default(CONNECTIONS),
  ...storeAndKeys,
  CALLVAULT_SIGNER: signers.default([]),
  CALLVAULT_ANCHOR: store.optional(),
  CALLVAULT_SEAL_SECONDS: z.coerce.number().int().min(1).max(3600).default(60),
  CALLVAULT_ERASE_PER_MINUTE: z.coerce.number().int().min(1).max(100_000).default(60),
  CALLVAULT_BACKUP_DAYS: days.optional(),
  CALLVAULT_LEASE_SECONDS: z.coerce.number().int().min(2).max(3600).default(60),
  CALLVAULT_MAX_BYTES: z.coerce.number().int().min(1).max(83_886_079_999).default(83_886_079_999),
  CALLVAULT_OPERATOR: z
    .string()
    .regex(/^[a-z0-9-]{0,32}$/, 'must be an opaque staff code, never a name')
    .optional(),
});

export type Config = {
  readonly origin: string;
  /** The public origin that browsers use (scheme, host and port), or null. */
  readonly url: string | null;
  readonly node: string;
  readonly role: ProcessRole;
  readonly listen: Address;
  /** The address of the metrics listener, or null for none. */
  readonly metricsListen: Address | null;
  /** Addresses and CIDR ranges of the proxies whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[];
  readonly database:
    | { readonly engine: 'sqlite'; readonly path: string }
    | { readonly engine: 'postgres'; readonly url: string; readonly connections: number };
  readonly store:
    | { readonly engine: 'folder'; readonly path: string }
    | {
        readonly engine: 's3';
        readonly region: string;
        readonly bucket: string;
        readonly prefix: string;
        readonly endpoint: string | null;
        readonly etag: 'quoted' | 'bare';
      };
  readonly keys: KeySettings;
  /** The key file that signs reports, or null for none. */
  readonly signer: readonly string[];
  /** Where checkpoints of the logs are kept besides the store; null where nowhere. */
  readonly anchor: Config['store'] | null;
  readonly sealSeconds: number;
  readonly erasePerMinute: number;
  /** How many days backups of database, store and keys are kept; null where that is not known. */
  readonly backupDays: number | null;
  readonly leaseSeconds: number;
  readonly maxBytes: number;
  readonly operator: string | null;
};

/** What offline decryption needs: no database, no origin. */
export type OfflineConfig = Pick<Config, 'store' | 'keys'>;

/** Reads the environment; a given role overrides the variable. Throws `config_invalid` with every problem, by variable and without values. */
export function readConfig(given: NodeJS.ProcessEnv = process.env, role?: string): Config {
  silenceSdk();
  const env = role === undefined ? given : { ...given, CALLVAULT_ROLE: role };
  return Object.freeze(configOf(parseEnvironment(schema, env)));
}

/** The CALLVAULT_ variables of the environment that nothing reads. */
export function unknownInEnvironment(given: NodeJS.ProcessEnv = process.env): UnknownVariable[] {
  return unknownVariables(given, Object.keys(schema.shape));
}

const offlineSchema = z.object(storeAndKeys);

/** Reads store and keys only and ignores all other variables. Throws as `readConfig`. */
export function readOfflineConfig(given: NodeJS.ProcessEnv = process.env): OfflineConfig {
  silenceSdk();
  const data = parseEnvironment(offlineSchema, given);
  return Object.freeze({ store: storeOf(data), keys: keysOf(data, data.AWS_REGION ?? '') });
}

/** A copy of the environment, for a command that writes an env file. */
export function copyEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env };
}

/** Secrets of the environment that the env file does not have: `init` needs them too. */
export function secrets(given: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(KEY_SECRETS.map((name) => [name, given[name]]));
}

/** Overrides variables of the environment by those of an env file. Call it before anything reads them. */
export function setVariables(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables);
}

function silenceSdk(): void {
  // On Node 20 AWS's SDK would print eight lines at every command about versions later than the pinned ones. It has no
  // other switch; a value set by the operator stays.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}

function parseEnvironment<T>(form: z.ZodType<T>, env: NodeJS.ProcessEnv): T {
  const parsed = form.safeParse(env);
  const fields = [...missingTogether(env)];
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      const pointer = String(path[0]);
      fields.push({ pointer, detail: env[pointer] === undefined ? 'is required' : message });
    }
  }
  if (!parsed.success || fields.length > 0) {
    const lines = fields.map(({ pointer, detail }) => `  ${pointer} ${detail}`);
    throw new VaultError('config_invalid', `the configuration is not valid:\n${lines.join('\n')}`, { fields });
  }
  return parsed.data;
}

/** Variables that other choices require. */
function* missingTogether(env: NodeJS.ProcessEnv): Generator<FieldError> {
  yield* missingForKeys(env);
  const aws = env['CALLVAULT_STORE']?.startsWith('s3:') === true || needsRegion(env);
  if (aws && env['AWS_REGION'] === undefined) {
    yield { pointer: 'AWS_REGION', detail: 'is required with s3: and kms:' };
  }
}

type Data = z.infer<typeof schema>;
type OfflineData = z.infer<typeof offlineSchema>;

function databaseOf(data: Data): Config['database'] {
  const named = data.CALLVAULT_DATABASE;
  return named.engine === 'sqlite' ? named : { ...named, connections: data.CALLVAULT_DATABASE_CONNECTIONS };
}

function storeOf({ CALLVAULT_STORE: store, ...data }: OfflineData): Config['store'] {
  if (store.engine === 'folder') return store;
  const endpoint = data.CALLVAULT_S3_ENDPOINT ?? null;
  return { ...store, region: data.AWS_REGION ?? '', endpoint, etag: data.CALLVAULT_S3_ETAG };
}

function configOf(data: Data): Config {
  return {
    origin: data.CALLVAULT_ORIGIN,
    url: data.CALLVAULT_URL ?? null,
    node: data.CALLVAULT_NODE,
    role: data.CALLVAULT_ROLE,
    listen: data.CALLVAULT_LISTEN,
    metricsListen: data.CALLVAULT_METRICS_LISTEN,
    trustedProxies: data.CALLVAULT_TRUSTED_PROXIES ?? [],
    database: databaseOf(data),
    store: storeOf(data),
    keys: keysOf(data, data.AWS_REGION ?? ''),
    signer: data.CALLVAULT_SIGNER,
    anchor: data.CALLVAULT_ANCHOR === undefined ? null : storeOf({ ...data, CALLVAULT_STORE: data.CALLVAULT_ANCHOR }),
    sealSeconds: data.CALLVAULT_SEAL_SECONDS,
    erasePerMinute: data.CALLVAULT_ERASE_PER_MINUTE,
    backupDays: data.CALLVAULT_BACKUP_DAYS ?? null,
    leaseSeconds: data.CALLVAULT_LEASE_SECONDS,
    maxBytes: data.CALLVAULT_MAX_BYTES,
    // Empty, as in an env file that is not filled in yet: not set.
    operator: data.CALLVAULT_OPERATOR || null,
  };
}
