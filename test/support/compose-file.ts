// A compose file as docker-compose reads it, without a Docker engine.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { TOP } from '../docs/documents.ts';

export type ComposeService = {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly { readonly host_ip?: string; readonly published: string }[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly { readonly source: string; readonly target: string }[];
  readonly read_only?: boolean;
  readonly user?: string;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  /** Bytes. */
  readonly mem_limit?: string;
  readonly memswap_limit?: string;
  readonly pids_limit?: number;
  readonly networks?: Readonly<Record<string, unknown>>;
};

type ComposeNetwork = {
  readonly internal?: boolean;
  readonly ipam?: { readonly config?: readonly { readonly gateway?: string }[] };
};

export type ComposeFile = {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
  readonly networks?: Readonly<Record<string, ComposeNetwork | null>>;
};

/** Reads the file with only `env` in the environment. Throws docker-compose's messages, warnings included. */
export function composeFile(path: string, env: Readonly<Record<string, string>>): ComposeFile {
  const args = ['-f', join(TOP, path), '--env-file', '/dev/null', 'config', '--format', 'json'];
  const world = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent', ...env };
  const { status, stdout, stderr } = spawnSync('docker-compose', args, { encoding: 'utf8', env: world });
  if (status !== 0) throw new Error(stderr);
  if (stderr.trim() !== '') throw new Error(stderr);
  return JSON.parse(stdout) as ComposeFile;
}
