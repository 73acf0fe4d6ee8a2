// Env file of a deployment that `callvault init` sets up.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SERVICE_VARIABLES } from '../../config.ts';
import { VaultError } from '../../errors.ts';
import { envLines, readEnvFile } from '../support/env-file.ts';

/** Options about the deployment; a missing one has a default. */
export type DeploymentOptions = {
  readonly folder: string;
  readonly url?: string;
  readonly origin?: string;
  readonly operator?: string;
  readonly database?: string;
  readonly store?: string;
  readonly keys?: string;
  readonly rootKey?: string;
  readonly signer?: string;
  readonly anchor?: string;
};

export type PreparedDeployment = {
  readonly file: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Whether an earlier run wrote the file. */
  readonly again: boolean;
};

const DEFAULT_URL = 'http://localhost:8787';

/**
 * Creates the folders and writes `callvault.env` with mode 0600. Keeps a file that an earlier run wrote and throws
 * `conflict` for options that contradict it.
 */
export async function prepareDeployment(
  where: DeploymentOptions,
  environment: NodeJS.ProcessEnv,
): Promise<PreparedDeployment> {
  const folder = resolve(where.folder);
  const file = join(folder, 'callvault.env');
  const variables = variablesOf(folder, where, environment);
  await mkdir(join(folder, 'data'), { recursive: true, mode: 0o700 });
  const root = variables['CALLVAULT_KEYRING_ROOT'];
  if (root !== undefined) await mkdir(dirname(root), { recursive: true, mode: 0o700 });
  try {
    await writeFile(file, envLines(variables), { mode: 0o600, flag: 'wx' });
    return { file, variables, again: false };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const kept = readEnvFile(file);
  for (const [name, value] of Object.entries(variables)) {
    if (isGiven(name, where) && kept[name] !== value)
      throw new VaultError('conflict', `${file} has a different ${name}; edit it, or choose another folder`);
  }
  return { file, variables: kept, again: true };
}

function variablesOf(folder: string, where: DeploymentOptions, environment: NodeJS.ProcessEnv): Record<string, string> {
  const url = where.url ?? DEFAULT_URL;
  if (!URL.canParse(url)) throw new VaultError('malformed', '--url must be like https://vault.example, without a path');
  const { hostname, port, protocol } = new URL(url);
  const keys = where.keys ?? `keyring:${join(folder, 'data/keyring.json')}`;
  const services = SERVICE_VARIABLES.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    CALLVAULT_ORIGIN: where.origin ?? hostname,
    CALLVAULT_URL: url.replace(/\/$/, ''),
    // A browser on this machine connects directly; behind a proxy, only the proxy connects.
    CALLVAULT_LISTEN: `127.0.0.1:${protocol === 'http:' && port !== '' ? port : '8787'}`,
    ...(protocol === 'https:' ? { CALLVAULT_TRUSTED_PROXIES: '127.0.0.1' } : {}),
    CALLVAULT_DATABASE: where.database ?? `sqlite:${join(folder, 'data/vault.db')}`,
    CALLVAULT_STORE: where.store ?? `folder:${join(folder, 'data/store')}`,
    CALLVAULT_KEYS: keys,
    ...(keys.startsWith('keyring:')
      ? { CALLVAULT_KEYRING_ROOT: resolve(where.rootKey ?? join(folder, 'root/root.key')) }
      : {}),
    CALLVAULT_SIGNER: resolve(where.signer ?? join(folder, 'signer/signer.pem')),
    ...(where.anchor === undefined ? {} : { CALLVAULT_ANCHOR: where.anchor }),
    CALLVAULT_OPERATOR: where.operator ?? 'op-1',
    ...Object.fromEntries(services),
  };
}

/** Whether an option sets the variable, not a default. */
function isGiven(name: string, where: DeploymentOptions): boolean {
  const { url, origin, operator, database, store, keys, rootKey, signer, anchor } = where;
  const given: Readonly<Record<string, string | undefined>> = {
    CALLVAULT_URL: url,
    CALLVAULT_ORIGIN: origin,
    CALLVAULT_OPERATOR: operator,
    CALLVAULT_DATABASE: database,
    CALLVAULT_STORE: store,
    CALLVAULT_KEYS: keys,
    CALLVAULT_KEYRING_ROOT: rootKey,
    CALLVAULT_SIGNER: signer,
    CALLVAULT_ANCHOR: anchor,
  };
  return given[name] !== undefined;
}
