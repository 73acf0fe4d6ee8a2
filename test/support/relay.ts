// The relay as a process: its one file, over folders of a PBX and a spool in a temporary folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtRelay } from './built.ts';
import type { CommandResult } from './run-callvault.ts';

/** A relay's folders and configuration; it does not run yet. */
export type RelayFixture = {
  readonly folder: string;
  readonly pbx: string;
  readonly spool: string;
  readonly config: string;
  /** Writes members of the configuration over those before. */
  readonly configure: (members: Readonly<Record<string, unknown>>) => void;
  /** Writes audio and then its sidecar, as a PBX does. */
  readonly record: (name: string, audio: Uint8Array, facts: object) => void;
  /** Names in the PBX's folder. */
  readonly plaintext: () => string[];
  /** Names of sealed files in the spool. */
  readonly sealed: () => string[];
  readonly rejected: () => string[];
  /** Runs a command of the relay to its end. */
  readonly run: (...args: readonly string[]) => Promise<CommandResult>;
  /** Starts the relay. */
  readonly start: () => RunningRelay;
  /** Kills what runs, and removes the folders. */
  readonly remove: () => Promise<void>;
};

export type RunningRelay = {
  readonly pid: number;
  /** Its output so far. */
  readonly log: () => string;
  readonly kill: () => Promise<void>;
  /** Sends SIGTERM; returns the exit code. */
  readonly stop: () => Promise<number | null>;
  readonly ended: () => Promise<number | null>;
};

/** Creates the folders and a configuration for this vault. A call is ready after a second. */
export function newRelay(of: {
  readonly url: string;
  readonly tenant: string;
  readonly secret: string;
  readonly program?: string;
}): RelayFixture {
  // A short path: the spool has a Unix socket.
  const folder = mkdtempSync(join(tmpdir(), 'cv-relay-'));
  const [pbx, spool, config] = ['pbx', 'spool', 'relay.json'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(pbx);
  const credential = join(folder, 'credential');
  writeFileSync(credential, `${of.secret}\n`, { mode: 0o600 });
  let members: Record<string, unknown> = {
    ...{ url: of.url, tenant: of.tenant, source: 'pbx-1', folders: [pbx], spool, credential },
    ...{ settled_seconds: 1, limits: { free_bytes: 0 } },
  };
  const configure = (more: Readonly<Record<string, unknown>>): void => {
    members = { ...members, ...more };
    writeFileSync(config, JSON.stringify(members));
  };
  configure({});
  const running = new Set<RunningRelay>();
  const program = of.program ?? builtRelay();
  const spawned = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [program, ...args, '--config', config], { cwd: folder, env: {}, stdio: 'pipe' });
  const namesIn = (path: string, ending: string): string[] => {
    try {
      return readdirSync(path).filter((name) => name.endsWith(ending));
    } catch {
      return [];
    }
  };
  return {
    ...{ folder, pbx, spool, config, configure },
    record: (name, audio, facts) => {
      writeFileSync(join(pbx, name), audio);
      const sidecar = join(pbx, name.replace(/\.[a-z0-9]+$/, '.json'));
      writeFileSync(`${sidecar}.part`, JSON.stringify(facts));
      renameSync(`${sidecar}.part`, sidecar);
    },
    plaintext: () => namesIn(pbx, ''),
    sealed: () => namesIn(spool, '.sealed'),
    rejected: () => namesIn(join(spool, 'rejected'), '.rejected'),
    run: async (...args) => {
      const child = spawned(...args);
      const [out, err] = [textOf(child.stdout), textOf(child.stderr)];
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, out: out(), err: err() };
    },
    start: () => {
      const child = spawned('run');
      const [out, err] = [textOf(child.stdout), textOf(child.stderr)];
      const ended = once(child, 'close').then(([code]) => code as number | null);
      const end = async (signal: NodeJS.Signals): Promise<number | null> => {
        if (child.exitCode === null && child.signalCode === null) child.kill(signal);
        const code = await ended;
        running.delete(relay);
        return code;
      };
      const relay: RunningRelay = {
        pid: child.pid ?? 0,
        log: () => `${out()}${err()}`,
        kill: async () => void (await end('SIGKILL')),
        stop: () => end('SIGTERM'),
        ended: () => ended,
      };
      running.add(relay);
      return relay;
    },
    remove: async () => {
      for (const one of running) await one.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function textOf(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return () => text;
}
