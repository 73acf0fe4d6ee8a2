// The check of entries against the log: a tail that was cut in store and database is there alone.
import type { Tenant } from '../../model/tenant.ts';
import { compareWithLog } from '../core/amendments/logged-entries.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { Finding } from './finding.ts';

/**
 * Reports the first entry of each stream that the log names and the rows do not have, and recordings that it says were
 * erased. Throws the database's errors.
 */
export async function checkLog(
  vault: Pick<Vault, 'db' | 'settings'>,
  { tenant }: Tenant,
  report: (findings: readonly Finding[]) => Promise<void>,
  request: RequestContext,
): Promise<void> {
  for await (const fault of compareWithLog(vault, tenant, request)) {
    if (fault.kind === 'log_damaged') {
      const { kind, index, why } = fault;
      await report([{ kind, tenant, index, why }]);
      continue;
    }
    if (fault.kind === 'not_erased') {
      await report([{ kind: fault.kind, tenant, recording: fault.subject }]);
      continue;
    }
    const { kind, subject, n } = fault;
    const recording = subject.startsWith('rec_') ? { recording: subject } : {};
    await report([{ kind, tenant, ...recording, subject, n }]);
  }
}
