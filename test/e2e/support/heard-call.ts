// Call with a full history: requested, approved, played, and revoked.
import { wav } from '../../support/wav.ts';
import type { World } from '../../support/world.ts';
import type { Person, Stage } from './stage.ts';

const HEADERS = {
  'vault-meta-from': '%2B442079460123',
  'vault-meta-agent': 'HB-2107',
  'vault-meta-queue': 'Cards',
  'vault-meta-direction': 'inbound',
};

/** Label of the call in a row. */
export const CALL_LABEL = '+44 ****0123 · Cards · HB-2107';

/** Creates the history in the first tenant. Returns the id of the recording. */
export async function makeHeardCall(world: World): Promise<string> {
  const recording = await world.deposited(world.harbour, 'a', wav(4000), HEADERS);
  const grant = await world.grant(world.harbour, recording, { reason: 'promised callback', ticket: 'CS-417' });
  await world.session(world.harbour, grant);
  await world.call('POST', `/v1/grants/${grant}/revoke`, { key: world.harbour.supervisor.key });
  return recording;
}

/** The auditor on a page of the log, once its table is rendered. */
export async function openAsAuditor(stage: Stage, look = {}, path = '/activity'): Promise<Person> {
  const { tenant, auditor } = stage.world.harbour;
  const person = await stage.signIn(tenant, auditor, look);
  await person.page.goto(path);
  await person.page.getByRole('table').waitFor();
  return person;
}

/** Rows of the table that contain this text. */
export function rowsWith(page: Person['page'], text: string | RegExp) {
  return page.getByRole('row').filter({ hasText: text });
}
