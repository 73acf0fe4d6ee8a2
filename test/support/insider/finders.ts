// What finds an insider's edit: each tool as operators and auditors use it, and the codes that it gives.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { verifyFolders } from '../../../src/cli/log/verify.ts';
import { VaultError } from '../../../src/errors.ts';
import { logName } from '../../../src/model/audit-event.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { verifiersOf } from '../../../src/vault/core/proofs/verifier-keys.ts';
import { compareLogs } from '../../../src/vault/sealing/compare-logs.ts';
import { exportLog } from '../../../src/vault/sealing/export-log.ts';
import { rereadLog } from '../../../src/vault/sealing/reread-log.ts';
import { logRereader } from '../../../src/vault/sealing/reread-logs.ts';
import { type LogsState, logSealer } from '../../../src/vault/sealing/seal-logs.ts';
import { verifyTenantData } from '../../../src/vault/verify/verify.ts';
import { needs } from '../needs.ts';
import type { Copy } from './copies.ts';

const by = operatorActor('op-9');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });
const python = needs('python-cryptography');

/** What an auditor has kept, in files; and what an edit changes in the export itself. */
export type Auditor = {
  readonly kept?: string;
  readonly receipts?: readonly string[];
  readonly edit?: (folder: string) => Promise<void>;
};
type Found = Promise<readonly string[]>;

/** The tools by the names of the table in docs/operations/verifying.md. `log`: which log they look at. */
export const FINDERS: Readonly<Record<string, (copy: Copy, log: string, auditor: Auditor) => Found>> = {
  start: (copy, log) => held(copy, log, () => compareLogs(copy.vault, wait())),
  sealing: async (copy, log) => {
    let state: LogsState = { held: 0, stopped: 0, otherSigner: 0, unsealed: 0, foreign: 0 };
    const codes = await held(copy, log, () => logSealer(copy.vault, (now) => (state = now))(wait()));
    return [...codes, ...Object.entries(state).flatMap(([name, count]) => (count > 0 ? [name] : []))];
  },
  reread: async (copy, log) => {
    const { findings } = await rereadLog(copy.vault, log, wait());
    let faults = 0;
    const round = logRereader(copy.vault, (state) => (faults = state.faults));
    const text = await round(wait()).then(() => '', messageOf);
    // Rows are compared by the round alone, which names the first fault.
    const named = /the first: (\S+) at/.exec(text)?.[1];
    return [...new Set([...findings.map(({ code }) => code), ...(named === undefined ? [] : [named])])].concat(
      faults > 0 ? ['faults'] : [],
    );
  },
  verify: async (copy, log) => {
    const tenant = await copy.vault.db.read((rows) => rows.tenants.find(log), wait());
    if (tenant === null) throw new Error('no such tenant');
    const kinds: string[] = [];
    const listener = {
      total: () => undefined,
      step: () => undefined,
      found: ({ kind, why }: { kind: string; why?: string }) =>
        void kinds.push(kind, ...(why === undefined ? [] : [`${kind} (${why})`])),
    };
    await verifyTenantData(copy.vault, by, tenant, { sample: 0, quarantine: false }, listener, wait());
    return kinds;
  },
  'log export': async (copy, log) => {
    const failed = await written(copy, log, tmpdir(), () => undefined).then(
      () => null,
      (error: unknown) => error,
    );
    if (failed === null || failed instanceof VaultError) return failed === null ? [] : [failed.code];
    throw failed;
  },
  'log verify': (copy, log, auditor) => verified(copy, log, auditor),
};

async function held({ vault }: Copy, log: string, work: () => Promise<unknown>): Promise<string[]> {
  const failed = await work().then(
    () => null,
    (error: unknown) => error,
  );
  const state = await vault.db.read((rows) => rows.log.state(log), wait());
  return [...(state?.held == null ? [] : [state.held]), ...(failed instanceof VaultError ? [failed.code] : [])];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The codes that both programs give about an export that the insider made: theirs does not compare roots. One that a
 * single program gives is `only callvault: …` or `only verify_log.py: …`.
 */
async function verified(copy: Copy, log: string, { kept, receipts, edit }: Auditor): Promise<string[]> {
  const out = mkdtempSync(join(tmpdir(), 'callvault-export-'));
  try {
    const insider = { ...copy, vault: { ...copy.vault, signer: null } };
    const [own, deployment] = [join(out, 'own'), join(out, 'deployment')];
    for (const [name, folder] of [
      [log, own],
      ['deployment', deployment],
    ] as const)
      await written(insider, name, folder, write);
    await edit?.(own);
    const { signer, settings } = copy.vault;
    const key = [log, 'deployment'].flatMap((name) =>
      signer === null ? [] : verifiersOf(signer, logName(settings.origin, name)),
    );
    const [keptFile, receiptFile] = [join(out, 'kept'), join(out, 'receipts')];
    if (kept !== undefined) writeFileSync(keptFile, kept);
    if (receipts !== undefined) writeFileSync(receiptFile, receipts.join('\n'));
    const { logs } = await verifyFolders(own, {
      key,
      deployment,
      ...(kept === undefined ? {} : { kept: [keptFile] }),
      ...(receipts === undefined ? {} : { receipts: receiptFile }),
    });
    const ours = codesOf(logs);
    if (!python.present) return ours;
    const args = [
      ...key.flatMap((one) => ['--key', one]),
      '--deployment',
      deployment,
      ...(kept === undefined ? [] : ['--kept', keptFile]),
      ...(receipts === undefined ? [] : ['--receipts', receiptFile]),
    ];
    const run = spawnSync('/usr/bin/python3', ['docs/verify_log.py', own, ...args, '--json'], { encoding: 'utf8' });
    if (run.stderr !== '') throw new Error(run.stderr);
    const theirs = codesOf((JSON.parse(run.stdout) as { logs: Parameters<typeof codesOf>[0] }).logs);
    // The other program has no policies.
    const both = ours.filter((code) => code.startsWith('policy_') || theirs.includes(code));
    const alone = (name: string, codes: readonly string[]) =>
      codes.filter((code) => !both.includes(code)).map((code) => `only ${name}: ${code}`);
    return [...both, ...alone('callvault', ours), ...alone('verify_log.py', theirs)];
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function codesOf(
  logs: readonly {
    readonly findings: readonly { readonly code: string }[];
    readonly notices: readonly { readonly code: string }[];
  }[],
): string[] {
  const findings = logs.flatMap((one) => one.findings.map(({ code }) => code));
  return [...new Set(findings)].sort();
}

type Writer = (path: string, bytes: Uint8Array) => void;
const write: Writer = (path, bytes) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
};

async function written({ vault }: Pick<Copy, 'vault'>, log: string, folder: string, to: Writer): Promise<void> {
  for await (const { path, bytes } of exportLog(vault, by, log, wait())) to(join(folder, path), bytes);
}
