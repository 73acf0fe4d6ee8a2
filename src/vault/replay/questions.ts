// How a process without the store learns that entries are replayed: it asks, and one that has replayed answers.
import { runAll } from '../core/concurrency.ts';
import { hasDuty } from '../core/process-role.ts';
import type { RequestContext } from '../core/request-context.ts';
import { tenantsWithKeys } from '../core/tenants/select-tenants.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'settings' | 'replayGate'>;

/**
 * Background work of every process: asks once for each tenant whose gate is closed, and opens it when a question from then
 * on was answered. A process that settles answers the questions of others. Only a process that runs answers, and a
 * restore stops every process: so an answer comes from one that has replayed since. Returns how many gates opened.
 */
export async function openGates(vault: Deps, request: RequestContext): Promise<number> {
  const { replayGate } = vault;
  if (hasDuty(vault.settings.role, 'settle')) await answerQuestions(vault, request);
  const closed = (await tenantsWithKeys(vault, request)).filter(({ tenant }) => !replayGate.isOpen(tenant));
  return runAll(
    closed.map(
      ({ tenant }) =>
        () =>
          openGate(vault, tenant, request),
    ),
  );
}

/** Asks once, and opens the gate where the question was answered. */
export async function openGate(vault: Deps, tenant: string, request: RequestContext): Promise<boolean> {
  const { isOpen, open, questions } = vault.replayGate;
  const asked = questions.get(tenant) ?? (await vault.db.note((notes) => notes.replays.ask(tenant), request));
  questions.set(tenant, asked);
  const answered = await vault.db.read((rows) => rows.replays.answered(tenant), request);
  if (answered < asked || isOpen(tenant)) return false;
  open(tenant);
  return true;
}

async function answerQuestions(vault: Deps, request: RequestContext): Promise<void> {
  const waiting = await vault.db.read((rows) => rows.replays.waiting(), request);
  const known = waiting.filter(({ tenant }) => vault.replayGate.isOpen(tenant));
  if (known.length === 0) return;
  await vault.db.note(async (notes) => {
    for (const question of known) await notes.replays.answer(question);
  }, request);
}
