// A deployment with a signer and an anchor whose database can be put back: what happened since is in the segments alone.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { logName, type StoredEvent } from '../../src/model/audit-event.ts';
import { restoreLogByCommand } from '../../src/vault/commands/restore-log.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { exportLog } from '../../src/vault/sealing/export-log.ts';
import { logSealer } from '../../src/vault/sealing/seal-logs.ts';
import { minuteSignal } from './fault-deployment.ts';
import { type Restorable, type RestorableEngine, restorable } from './restorable.ts';
import { signerFile } from './signer-file.ts';

const by = operatorActor('op-9');

export type SealedDeployment = Restorable & { readonly end: () => Promise<void> };

/** Creates it, with Harbour Bank. */
export async function sealedDeployment(engine: RestorableEngine): Promise<SealedDeployment> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-signer-'));
  const signer = {
    CALLVAULT_SIGNER: signerFile(join(folder, 'signer.pem')),
    CALLVAULT_ANCHOR: `folder:${join(folder, 'anchor')}`,
  };
  const of = await restorable(engine, { ...signer, CALLVAULT_URL: 'https://vault.example' });
  return {
    ...of,
    end: async () => {
      await of.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Seals every log that has grown, until none has. */
export async function sealAll(vault: Vault): Promise<void> {
  const round = logSealer(vault, () => undefined);
  while ((await round(minuteSignal())) > 0);
}

/** Restores a log, as the command does; what it removes is returned. `lost`: the loss that is accepted. */
export async function restored(vault: Vault, log: string, lost: number | null = null) {
  const saved: StoredEvent[] = [];
  const save = async (events: AsyncIterable<StoredEvent>): Promise<void> => {
    for await (const one of events) saved.push(one);
  };
  const how = { note: '', alone: false, change: null };
  const outcome = await restoreLogByCommand(vault, by, log, { keys: [], lost, save }, how, minuteSignal());
  if (!outcome.done) throw new Error('another operator must confirm this restore');
  return { ...outcome.result, saved };
}

export type ReadEvent = {
  readonly seq: number;
  readonly action: string;
  readonly object: Readonly<Record<string, string | number>> & { readonly id: string };
};

/** The events of a log from this index on. */
export async function eventsIn({ db }: Pick<Vault, 'db'>, log: string, from = 0): Promise<ReadEvent[]> {
  const events = await db.read((rows) => rows.log.events(log, from, 10_000), minuteSignal());
  return events.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as ReadEvent);
}

export type Verified = { readonly findings: readonly { code: string; id: string; index: number }[]; notices: unknown };

/** What docs/verify_log.py finds in an export of a log, with the deployment's export beside a tenant's. */
export async function verified(vault: Vault, log: string): Promise<Verified> {
  const out = mkdtempSync(join(tmpdir(), 'callvault-export-'));
  try {
    const [own, deployment] = [join(out, 'own'), join(out, 'deployment')];
    await write(vault, log, own);
    await write(vault, 'deployment', deployment);
    const { signer, settings } = vault;
    const keys = [log, 'deployment'].flatMap((name) =>
      signer === null ? [] : verifiersOf(signer, logName(settings.origin, name)),
    );
    const options = [...keys.flatMap((key) => ['--key', key]), '--deployment', deployment, '--json'];
    const run = spawnSync('/usr/bin/python3', ['docs/verify_log.py', own, ...options], { encoding: 'utf8' });
    if (run.stderr !== '') throw new Error(run.stderr);
    const { logs } = JSON.parse(run.stdout) as { logs: (Verified & { log: string })[] };
    const found = logs.find((one) => one.log.endsWith(`/${log}`));
    if (found === undefined) throw new Error(run.stdout);
    return found;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function write(vault: Vault, log: string, folder: string): Promise<void> {
  for await (const { path, bytes } of exportLog(vault, by, log, minuteSignal())) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}
