// The part of the configuration that says where the keys are: one block a key provider in each of the tables below.
import { z } from 'zod';
import type { FieldError } from '../errors.ts';
import { KEY_FORMS } from './key-forms.ts';

const keys = z.string().transform((text, context) => {
  if (/^keyring:./.test(text)) return { engine: 'keyring', path: text.slice('keyring:'.length) } as const;
  if (text === 'kms:') return { engine: 'kms' } as const;
  const token = tokenOf(text);
  if (token !== null) return { engine: 'pkcs11', ...token } as const;
  context.addIssue({ code: 'custom', message: `must be ${KEY_FORMS}` });
  return z.NEVER;
});

/** RFC 7512, of which a token's label and serial number are read. */
function tokenOf(text: string): { readonly token: string; readonly serial: string | null } | null {
  const [whole, token = '', serial] = /^pkcs11:token=([^;=?]+)(?:;serial=([^;=?]+))?$/.exec(text) ?? [];
  try {
    if (whole === undefined) return null;
    return { token: decodeURIComponent(token), serial: serial === undefined ? null : decodeURIComponent(serial) };
  } catch {
    return null;
  }
}

export const endpoint = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

/** The variables of all key providers. */
export const keyVariables = {
  CALLVAULT_KEYS: keys,
  CALLVAULT_KEYRING_ROOT: z.string().min(1).optional(),
  CALLVAULT_KMS_ENDPOINT: endpoint.optional(),
  CALLVAULT_PKCS11_MODULE: z.string().min(1).optional(),
  CALLVAULT_PKCS11_PIN_FILE: z.string().min(1).optional(),
  CALLVAULT_PKCS11_PIN: z.string().min(1).optional(),
  CALLVAULT_PKCS11_NONCE: z.enum(['random', 'hsm'], { error: 'must be random or hsm' }).default('random'),
  CALLVAULT_PKCS11_SESSIONS: z.coerce.number().int().min(1).max(64).default(4),
};

/** Those that say where a key service is and how it is reached, and are no secrets. */
export const KEY_SERVICE_VARIABLES = [
  'CALLVAULT_KMS_ENDPOINT',
  'CALLVAULT_PKCS11_MODULE',
  'CALLVAULT_PKCS11_PIN_FILE',
  'CALLVAULT_PKCS11_NONCE',
  'CALLVAULT_PKCS11_SESSIONS',
];

/** Those that are secrets: nothing writes them down. */
export const KEY_SECRETS = ['CALLVAULT_PKCS11_PIN'];

/** Where the keys are, by the scheme of their provider. */
export type KeySettings =
  | { readonly engine: 'keyring'; readonly path: string; readonly root: string }
  | { readonly engine: 'kms'; readonly region: string; readonly endpoint: string | null }
  | {
      readonly engine: 'pkcs11';
      readonly module: string;
      readonly token: string;
      readonly serial: string | null;
      readonly pin: { readonly file: string } | { readonly value: string };
      readonly nonces: 'random' | 'hsm';
      readonly sessions: number;
    };

/** Whether the keys are in a Region of AWS. */
export function needsRegion(env: NodeJS.ProcessEnv): boolean {
  return env['CALLVAULT_KEYS'] === 'kms:';
}

/** What the choice of a key provider makes other variables need. */
export function* missingForKeys(env: NodeJS.ProcessEnv): Generator<FieldError> {
  const chosen = env['CALLVAULT_KEYS'] ?? '';
  if (chosen.startsWith('keyring:') && !env['CALLVAULT_KEYRING_ROOT']) {
    yield { pointer: 'CALLVAULT_KEYRING_ROOT', detail: 'must name the root key file, outside the data folder' };
  }
  if (!chosen.startsWith('pkcs11:')) return;
  if (!env['CALLVAULT_PKCS11_MODULE']) {
    yield { pointer: 'CALLVAULT_PKCS11_MODULE', detail: 'must name the PKCS#11 library of the HSM' };
  }
  if (!env['CALLVAULT_PKCS11_PIN_FILE'] === !env['CALLVAULT_PKCS11_PIN']) {
    yield { pointer: 'CALLVAULT_PKCS11_PIN_FILE', detail: 'or CALLVAULT_PKCS11_PIN must give the PIN, and one alone' };
  }
}

type Data = z.infer<z.ZodObject<typeof keyVariables>>;

/** The settings of the provider that is chosen; `region` is that of AWS. */
export function keysOf({ CALLVAULT_KEYS: chosen, ...data }: Data, region: string): KeySettings {
  switch (chosen.engine) {
    case 'keyring':
      return { ...chosen, root: data.CALLVAULT_KEYRING_ROOT ?? '' };
    case 'kms':
      return { ...chosen, region, endpoint: data.CALLVAULT_KMS_ENDPOINT ?? null };
    case 'pkcs11': {
      const file = data.CALLVAULT_PKCS11_PIN_FILE;
      const pin = file === undefined ? { value: data.CALLVAULT_PKCS11_PIN ?? '' } : { file };
      const [module, sessions] = [data.CALLVAULT_PKCS11_MODULE ?? '', data.CALLVAULT_PKCS11_SESSIONS];
      return { ...chosen, module, pin, nonces: data.CALLVAULT_PKCS11_NONCE, sessions };
    }
  }
}
